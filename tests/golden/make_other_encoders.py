"""Makes tensorflow/albert.tar.xz: an encoder that is not BERT's own.

    python tests/golden/make_other_encoders.py

needs the extra `garden`. The parity tests make the other kinds by the same
functions: what of the Model Garden takes BERT's inputs and gives its outputs.

Made with tensorflow 2.20.0, tf-models-official 2.20.0.
"""

import tarfile
import tempfile
from pathlib import Path
from unittest import mock

import tensorflow as tf
import tf_keras
from make_tensorflow import FOLDER, PIECES, as_tensors, randomize
from official.nlp.configs import encoders
from official.nlp.modeling import layers, networks
from official.nlp.tools import export_tfhub_lib
from safetensors.numpy import save_file

LENGTH = 16
SIZES = {
    "vocab_size": 31,
    "hidden_size": 12,
    "num_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": LENGTH,
}
# The Garden has other words for the same sizes of other encoders.
MIXER = {
    "vocab_size": 31,
    "hidden_size": 12,
    "num_layers": 2,
    "num_attention_heads": 3,
    "inner_dim": 20,
    "max_sequence_length": LENGTH,
}
FUNNEL = {k: v for k, v in SIZES.items() if k != "intermediate_size"}


def _kind(name: str, config):
    return encoders.EncoderConfig(type=name, **{name: config})


KINDS = {
    "albert": _kind(
        "albert",
        encoders.AlbertEncoderConfig(
            embedding_width=8,
            dropout_rate=0.1,
            attention_dropout_rate=0.1,
            **SIZES,
        ),
    ),
    "projected": _kind(
        "bert", encoders.BertEncoderConfig(embedding_size=8, **SIZES)
    ),
    "projected_v2": _kind(
        "bert_v2", encoders.BertEncoderConfig(embedding_size=8, **SIZES)
    ),
    "norm_first": _kind(
        "bert", encoders.BertEncoderConfig(norm_first=True, **SIZES)
    ),
    "talking_heads": _kind("bert", encoders.BertEncoderConfig(**SIZES)),
    "mobilebert": _kind(
        "mobilebert",
        encoders.MobileBertEncoderConfig(
            word_vocab_size=31,
            word_embed_size=8,
            max_sequence_length=LENGTH,
            num_blocks=2,
            hidden_size=12,
            num_attention_heads=3,
            intermediate_size=20,
            intra_bottleneck_size=6,
            normalization_type="no_norm",
            key_query_shared_bottleneck=True,
            num_feedforward_networks=2,
            classifier_activation=False,
        ),
    ),
    "kernel": _kind("kernel", encoders.KernelEncoderConfig(**SIZES)),
    "reuse": _kind("reuse", encoders.ReuseEncoderConfig(**SIZES)),
    "fnet": _kind("fnet", encoders.FNetEncoderConfig(**MIXER)),
    "sparse_mixer": _kind(
        "sparse_mixer",
        encoders.SparseMixerEncoderConfig(
            moe_layers=(1,), attention_layers=(0,), num_experts=2, **MIXER
        ),
    ),
    "funnel": _kind(
        "funnel",
        encoders.FunnelEncoderConfig(inner_dim=20, type_vocab_size=2, **FUNNEL),
    ),
}


def talking_heads():
    """Returns BERT with talking heads and a gated feed-forward layer.

    So google/talkheads_ggelu_bert was made; see TransformerScaffold.
    """
    small = tf_keras.initializers.TruncatedNormal(stddev=0.02)
    return networks.EncoderScaffold(
        pooled_output_dim=12,
        embedding_cfg={
            "vocab_size": 31,
            "type_vocab_size": 2,
            "hidden_size": 12,
            "max_seq_length": LENGTH,
            "initializer": small,
            "dropout_rate": 0.1,
        },
        num_hidden_instances=2,
        hidden_cls=layers.TransformerScaffold,
        hidden_cfg={
            "num_attention_heads": 3,
            "inner_dim": 20,
            "dropout_rate": 0.1,
            "attention_dropout_rate": 0.1,
            "attention_cls": layers.TalkingHeadsAttention,
            "attention_cfg": {"num_heads": 3, "key_dim": 4},
            "feedforward_cls": layers.GatedFeedforward,
            "feedforward_cfg": {"inner_dim": 20, "dropout": 0.1},
        },
        dict_outputs=True,
    )


def export(folder, kind: str, *, pieces=PIECES):
    """Exports an encoder by the Garden's own exporter.

    Args:
        folder: Of the SavedModel.
        kind: One of `KINDS`.
        pieces: Its vocabulary.

    Returns:
        The Garden's encoder, with the same weights.
    """
    build = encoders.build_encoder
    if kind == "talking_heads":
        build = lambda config: talking_heads()  # noqa: E731
    with (
        tempfile.TemporaryDirectory() as scratch,
        mock.patch.object(encoders, "build_encoder", build),
    ):
        vocabulary = Path(scratch) / "vocab.txt"
        vocabulary.write_text("\n".join(pieces) + "\n", encoding="utf-8")
        _, network = export_tfhub_lib._create_model(
            encoder_config=KINDS[kind], with_mlm=False
        )
        randomize(network)
        checkpoint = tf.train.Checkpoint(model=network, encoder=network)
        export_tfhub_lib.export_model(
            str(folder),
            encoder_config=KINDS[kind],
            model_checkpoint_path=checkpoint.save(scratch + "/checkpoint"),
            with_mlm=False,
            vocab_file=str(vocabulary),
            do_lower_case=True,
        )
    return network


def inputs_of(length: int = LENGTH) -> dict:
    """Returns inputs of an encoder, the second row padded."""
    ids = tf.random.stateless_uniform([2, length], [1, 2], 5, 31, tf.int32)
    mask = tf.sequence_mask([length, length - 5], length, tf.int32)
    return {
        "input_word_ids": (ids * mask).numpy(),
        "input_mask": mask.numpy(),
        "input_type_ids": (mask * (ids % 2)).numpy(),
    }


def outputs_of(network, inputs: dict) -> dict:
    """Returns what a Garden encoder makes of inputs."""
    tensors = as_tensors(inputs)
    if not isinstance(network.inputs, dict):
        tensors = [tensors[tensor.name] for tensor in network.inputs]
    return network(tensors, training=False)


def main():
    """Makes the archive."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "albert"
        network = export(folder, "albert")
        (folder / "keras_metadata.pb").unlink()
        stored = inputs_of(9)
        outputs = outputs_of(network, stored)
        for name in ("sequence_output", "pooled_output"):
            stored[name] = outputs[name].numpy()
        save_file(stored, folder / "outputs.safetensors")
        path = FOLDER / "albert.tar.xz"
        with tarfile.open(path, "w:xz", preset=9) as archive:
            archive.add(folder, "albert")


if __name__ == "__main__":
    main()
