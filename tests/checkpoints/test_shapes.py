"""Shapes that are known without an encoder are those of one."""

import dataclasses

import pytest

from bert_keras.checkpoints.shapes import encoder_shapes
from bert_keras.encoders import BertEncoder


@pytest.mark.parametrize("positions", ["absolute", "sinusoidal"])
def test_shapes(tiny_config, positions):
    config = dataclasses.replace(
        tiny_config, type_vocab_size=1, position_embedding_type=positions
    )
    weights = BertEncoder(config).named_variables
    shapes = encoder_shapes(config)
    assert shapes == {name: w.shape for name, w in weights.items()}
