"""The Garden restores what `convert` writes; `make test-garden`."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from small_contents import CONFIG, small_contents

import bert_keras as bk
from bert_keras.checkpoints.restore import restore
from bert_keras.export.writers.bert_keras_encoder import (
    write_bert_keras_encoder,
)
from bert_keras.heads import MaskedLMHead

pytestmark = pytest.mark.garden

SHAPES = {
    "tanh": {"hidden_act": "gelu_new"},
    "exact": {},
    "relu": {"hidden_act": "relu", "type_vocab_size": 1},
    "twelve layers": {
        "num_hidden_layers": 12,
        "num_attention_heads": 4,
        "hidden_act": "gelu_new",
    },
}
ACTIVATIONS = {
    "gelu_new": lambda x: tf.nn.gelu(x, approximate=True),
    "gelu": lambda x: tf.nn.gelu(x, approximate=False),
    "relu": tf.nn.relu,
}


def garden_encoder(config):
    """Returns a `BertEncoderV2` with weights of its own."""
    from official.nlp.modeling import networks

    return networks.BertEncoderV2(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        num_layers=config.num_hidden_layers,
        num_attention_heads=config.num_attention_heads,
        inner_dim=config.intermediate_size,
        inner_activation=ACTIVATIONS[config.hidden_act],
        max_sequence_length=config.max_position_embeddings,
        type_vocab_size=config.type_vocab_size,
    )


@pytest.mark.parametrize("method", ["restore", "read"])
@pytest.mark.parametrize("shape", SHAPES)
def test_encoder(tmp_path, compare, inputs_for, shape, method):
    config = dataclasses.replace(CONFIG, **SHAPES[shape])
    ours = tmp_path / "ours"
    ours.mkdir()
    write_bert_keras_encoder(small_contents(config=config), ours)
    folder = bk.convert(ours, tmp_path / "to", format="garden")
    encoder = garden_encoder(config)
    checkpoint = tf.train.Checkpoint(encoder=encoder)
    status = getattr(checkpoint, method)(str(folder / "bert_model.ckpt"))
    status.assert_existing_objects_matched()
    rows = inputs_for([[1] * 9, [1] * 5 + [0] * 4])
    rows["input_type_ids"] %= config.type_vocab_size
    theirs = encoder(
        {name: tf.constant(values) for name, values in rows.items()}
    )
    # Attention takes its weights when it is first called.
    status.assert_existing_objects_matched()
    if method == "restore":
        status.assert_consumed()
    encoded = bk.load_encoder(folder)(rows)
    real = rows["input_mask"].astype(bool)
    compare(
        "sequence_output",
        np.asarray(encoded["sequence_output"])[real],
        theirs["sequence_output"].numpy()[real],
    )
    compare("pooled_output", encoded["pooled_output"], theirs["pooled_output"])


@pytest.mark.parametrize("shape", ["tanh", "exact"])
def test_masked_language_model(tmp_path, compare, inputs_for, shape):
    from official.nlp.modeling import models

    config = dataclasses.replace(CONFIG, **SHAPES[shape])
    contents = small_contents("masked_lm", config=config)
    ours = tmp_path / "ours"
    ours.mkdir()
    write_bert_keras_encoder(contents, ours)
    folder = bk.convert(ours, tmp_path / "to", format="garden")
    encoder = garden_encoder(config)
    pretrainer = models.BertPretrainerV2(
        encoder, mlm_activation=ACTIVATIONS[config.hidden_act]
    )
    rows = inputs_for([[1] * 9, [1] * 5 + [0] * 4])
    places = np.array([[1, 4], [2, 3]], np.int32)
    asked = {name: tf.constant(values) for name, values in rows.items()}
    asked["masked_lm_positions"] = tf.constant(places)
    pretrainer(asked)  # makes its weights
    items = pretrainer.checkpoint_items
    status = tf.train.Checkpoint(**items).restore(
        str(folder / "bert_model.ckpt")
    )
    status.assert_existing_objects_matched()
    status.assert_consumed()
    theirs = pretrainer(asked)
    loaded = bk.load_encoder(folder)
    head = MaskedLMHead(config)
    restore(
        head.named_variables,
        bk.checkpoints.read_checkpoint(folder).heads["masked_lm"],
        source=folder,
    )
    logits = head(
        loaded(rows)["sequence_output"],
        places,
        table=loaded.embeddings.word.embeddings,
    )
    compare("logits", logits, theirs["mlm_logits"])
