"""Every head is rebuilt from its config, and found by Keras by its name."""

import keras
import numpy as np
import pytest

from bert_keras.heads import (
    CrfHead,
    EmbeddingHead,
    MaskedLMHead,
    MaskHead,
    PooledHead,
    SpanHead,
    TokenHead,
)


def heads(config):
    return [
        CrfHead(8, 3, dropout=0.2, seed=1, name="head"),
        CrfHead(8, 3, dtype="mixed_bfloat16"),
        EmbeddingHead(8, "mean", normalize=True),
        EmbeddingHead(8, "cls", windows="attention", dense=4, normalize=False),
        MaskHead(config, seed=1, name="head"),
        MaskHead(config, tied=False),
        MaskedLMHead(config),
        MaskedLMHead(config, tied=False, seed=2, name="head", dtype="bfloat16"),
        PooledHead(8, 2, pooling="max", windows="mean", dropout=0.0, seed=1),
        PooledHead(8, 2, dtype=keras.DTypePolicy("mixed_bfloat16")),
        SpanHead(8, stddev=0.1),
        TokenHead(8, 5, trainable=False, name="head"),
    ]


@pytest.mark.parametrize("number", range(12))
def test_round_trip(tiny_config, number):
    head = heads(tiny_config)[number]
    again = type(head).from_config(head.get_config())
    assert again.get_config() == head.get_config()
    assert again.dtype_policy == head.dtype_policy
    assert again.name == head.name
    assert [(w.path, w.shape, w.dtype) for w in again.weights] == [
        (w.path, w.shape, w.dtype) for w in head.weights
    ]
    if head.get_config().get("seed") is not None:
        for ours, theirs in zip(head.weights, again.weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_all_are_registered(tiny_config):
    for head in heads(tiny_config):
        name = f"bert_keras>{type(head).__name__}"
        assert keras.saving.get_registered_object(name) is type(head)
