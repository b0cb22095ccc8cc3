"""Encoders that the Model Garden's own exporter wrote, called directly."""

import numpy as np
import pytest

pytestmark = pytest.mark.garden

SIZES = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
}


def _config(kind):
    from official.nlp.configs import encoders

    if kind == "albert":
        config = encoders.AlbertEncoderConfig(embedding_width=8, **SIZES)
        return encoders.EncoderConfig(type="albert", albert=config)
    config = encoders.BertEncoderConfig(embedding_size=8, **SIZES)
    return encoders.EncoderConfig(type="bert", bert=config)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["albert", "projected"])
def test_outputs_are_those_of_the_savedmodel(kind, tmp_path):
    tf = pytest.importorskip("tensorflow")
    lib = pytest.importorskip("official.nlp.tools.export_tfhub_lib")
    from bert_keras.encoders import SavedModelEncoder

    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n")
    config = _config(kind)
    _, network = lib._create_model(encoder_config=config, with_mlm=False)
    checkpoint = tf.train.Checkpoint(model=network, encoder=network)
    lib.export_model(
        str(tmp_path / "encoder"),
        encoder_config=config,
        model_checkpoint_path=checkpoint.save(str(tmp_path / "checkpoint")),
        with_mlm=False,
        vocab_file=str(tmp_path / "vocab.txt"),
        do_lower_case=True,
    )
    inputs = {
        "input_word_ids": np.array([[2, 7, 9, 3], [2, 8, 3, 0]], np.int32),
        "input_mask": np.array([[1, 1, 1, 1], [1, 1, 1, 0]], np.int32),
        "input_type_ids": np.zeros([2, 4], np.int32),
    }
    encoder = SavedModelEncoder(tmp_path / "encoder")
    encoded = encoder(inputs)
    direct = tf.saved_model.load(str(tmp_path / "encoder"))(
        {name: tf.constant(values) for name, values in inputs.items()}
    )
    assert encoder.count_params() == network.count_params()
    for name in ("sequence_output", "pooled_output"):
        np.testing.assert_array_equal(encoded[name], direct[name])
