"""Makes tensorflow/: models of the Model Garden, and what they compute.

    python tests/golden/make_tensorflow.py

needs the extra `garden`. Each archive holds one folder as the Garden wrote
it, and outputs.safetensors with inputs and outputs:

    garden.tar.xz        BertPretrainerV2 with its optimizer: a TF2 checkpoint
    hub.tar.xz           an encoder of cased text by export_tfhub_lib, with mlm
    preprocessor.tar.xz  its preprocessor

Made with tensorflow 2.20.0, tf-models-official 2.20.0.
"""

import shutil
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
import tf_keras
from official.legacy.bert import configs
from official.nlp.modeling import layers, models, networks
from official.nlp.tools import export_tfhub_lib
from safetensors.numpy import save_file

FOLDER = Path(__file__).with_name("tensorflow")
PIECES = """[PAD] [UNK] [CLS] [SEP] [MASK] the a film is good bad play ##ing
##ed un ##able . , ! ? 1 2 ##1 ##2 caf ##e na ##ive Film Good A""".split()

# Sizes differ from each other, so that no two axes can be mistaken.
SIZES = {
    "vocab_size": 31,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 16,
    "type_vocab_size": 2,
}
ACTIVATIONS = {
    "gelu": lambda x: tf.nn.gelu(x, approximate=False),
    "gelu_new": lambda x: tf.nn.gelu(x, approximate=True),
    "relu": tf.nn.relu,
}


def make_encoder(
    sizes: dict, *, hidden_act="gelu_new", layer_norm_eps=1e-12, version=1
):
    """Returns a Garden encoder with random weights that are far from 0.

    Args:
        sizes: Fields of `BertConfig`.
        hidden_act: Our name of its activation.
        layer_norm_eps: The Garden has but one; another is set afterwards.
        version: 1 for `BertEncoder`, 2 for `BertEncoderV2`.
    """
    make = {1: networks.BertEncoder, 2: networks.BertEncoderV2}[version]
    encoder = make(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["hidden_size"],
        num_layers=sizes["num_hidden_layers"],
        num_attention_heads=sizes["num_attention_heads"],
        intermediate_size=sizes["intermediate_size"],
        activation=ACTIVATIONS[hidden_act],
        max_sequence_length=sizes["max_position_embeddings"],
        type_vocab_size=sizes["type_vocab_size"],
        dict_outputs=True,
    )
    encoder(encoder.inputs)  # makes the layers
    for layer in encoder.submodules:
        if isinstance(layer, tf_keras.layers.LayerNormalization):
            layer.epsilon = layer_norm_eps
    return randomize(encoder)


def randomize(model):
    """Gives a model weights with which every part of it matters."""
    random = np.random.default_rng(0)
    for weight in model.weights:
        centre = 1.0 if "gamma" in weight.name else 0.0
        weight.assign(random.normal(centre, 0.3, weight.shape))
    return model


def make_pretrainer(encoder, *, hidden_act="gelu_new"):
    """Returns a BertPretrainerV2 with a head for the next sentence."""
    width = encoder.get_embedding_table().shape[1]
    head = layers.ClassificationHead(
        inner_dim=width, num_classes=2, name="next_sentence"
    )
    pretrainer = models.BertPretrainerV2(
        encoder_network=encoder,
        mlm_activation=ACTIVATIONS[hidden_act],
        classification_heads=[head],
    )
    pretrainer(pretrainer.inputs)
    return randomize(pretrainer)


def export_encoder(
    folder, sizes, *, pieces=PIECES, lower=False, with_mlm=False, **options
):
    """Exports a random encoder by the Garden's own exporter.

    Returns:
        The encoder that was exported, or the pretrainer around it.
    """
    original = export_tfhub_lib.get_bert_encoder
    hidden_act = options.get("hidden_act", "gelu_new")
    config = configs.BertConfig(
        hidden_act=ACTIVATIONS[hidden_act],
        **sizes,
    )
    export_tfhub_lib.get_bert_encoder = lambda _: make_encoder(sizes, **options)
    with tempfile.TemporaryDirectory() as scratch:
        vocabulary = Path(scratch) / "vocab.txt"
        vocabulary.write_text("\n".join(pieces) + "\n", encoding="utf-8")
        _, model = export_tfhub_lib._create_model(
            bert_config=config, with_mlm=with_mlm
        )
        randomize(model)
        objects = (
            model.checkpoint_items
            if with_mlm
            else {"model": model, "encoder": model}
        )
        checkpoint = tf.train.Checkpoint(**objects)
        export_tfhub_lib.export_model(
            str(folder),
            bert_config=config,
            model_checkpoint_path=checkpoint.save(scratch + "/checkpoint"),
            with_mlm=with_mlm,
            vocab_file=str(vocabulary),
            do_lower_case=lower,
        )
    export_tfhub_lib.get_bert_encoder = original
    return model


def export_preprocessor(folder, *, pieces=PIECES, lower=False, length=16):
    """Exports a preprocessor by the Garden's own exporter."""
    with tempfile.TemporaryDirectory() as scratch:
        vocabulary = Path(scratch) / "vocab.txt"
        vocabulary.write_text("\n".join(pieces) + "\n", encoding="utf-8")
        export_tfhub_lib.export_preprocessing(
            str(folder),
            vocab_file=str(vocabulary),
            do_lower_case=lower,
            tokenize_with_offsets=False,
            default_seq_length=length,
        )


def random_inputs(sizes: dict) -> dict:
    """Returns inputs of an encoder, with padding in and after a row."""
    random = np.random.default_rng(1)
    mask = np.array([[1] * 7, [1] * 4 + [0] * 3, [1, 0, 1, 1, 0, 1, 1]])
    return {
        "input_word_ids": random.integers(0, sizes["vocab_size"], mask.shape),
        "input_mask": mask,
        "input_type_ids": random.integers(
            0, sizes["type_vocab_size"], mask.shape
        ),
    }


def as_tensors(inputs: dict) -> dict:
    """Returns inputs as the Garden takes them."""
    return {name: tf.constant(v, tf.int32) for name, v in inputs.items()}


def main():
    """Makes each archive."""
    FOLDER.mkdir(exist_ok=True)
    for make in (garden, hub, preprocessor):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / make.__name__
            folder.mkdir()
            make(folder)
            path = FOLDER / f"{make.__name__}.tar.xz"
            with tarfile.open(path, "w:xz", preset=9) as archive:
                archive.add(folder, make.__name__)


def garden(folder: Path):
    """A pretrainer with gelu_new, 16 types, and what its training keeps."""
    sizes = SIZES | {"type_vocab_size": 16}
    pretrainer = make_pretrainer(make_encoder(sizes, version=2))
    optimizer = tf_keras.optimizers.legacy.Adam()
    weights = pretrainer.trainable_variables
    optimizer.apply_gradients((tf.zeros_like(w), w) for w in weights)
    tf.train.Checkpoint(model=pretrainer, optimizer=optimizer).save(
        str(folder / "ckpt")
    )
    write_outputs(folder, sizes, pretrainer.encoder_network)


def hub(folder: Path):
    """An encoder with exact gelu, eps 1e-6, one type, and its mlm head."""
    sizes = SIZES | {"type_vocab_size": 1}
    pretrainer = export_encoder(
        folder, sizes, with_mlm=True, hidden_act="gelu", layer_norm_eps=1e-6
    )
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    (folder / "keras_metadata.pb").unlink()
    write_outputs(folder, sizes, pretrainer.encoder_network)


def preprocessor(folder: Path):
    """The preprocessor of cased text."""
    export_preprocessor(folder)
    (folder / "keras_metadata.pb").unlink()
    texts = ["A Good film!", "", "playing caf\u00e9", "Unable? unable 12."]
    outputs = tf.saved_model.load(str(folder))(tf.constant(texts))
    save_file(
        {name: t.numpy() for name, t in outputs.items()},
        folder / "outputs.safetensors",
    )


def write_outputs(folder: Path, sizes: dict, encoder):
    """Writes inputs and what an encoder makes of them."""
    inputs = random_inputs(sizes)
    encoded = encoder(as_tensors(inputs))
    stored = {name: v.astype("int32") for name, v in inputs.items()}
    for name in ("sequence_output", "pooled_output"):
        stored[name] = encoded[name].numpy()
    save_file(stored, folder / "outputs.safetensors")


if __name__ == "__main__":
    main()
