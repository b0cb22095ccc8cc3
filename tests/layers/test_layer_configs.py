"""Every layer is rebuilt from its config, and found by Keras by its name."""

import keras
import numpy as np
import pytest

from bert_keras.layers import (
    BertEmbeddings,
    EncoderBlock,
    FeedForward,
    LoraAdapter,
    Padded,
    Pooling,
    SelfAttention,
    SinusoidalPositions,
    WindowPooling,
)

IDS = np.array([[1, 2, 3]])
MASK = np.array([[1, 1, 0]])
X = np.random.default_rng(0).normal(size=(1, 3, 8)).astype("float32")


def layers(config):
    return [
        BertEmbeddings(config, initializer="ones", name="e"),
        BertEmbeddings(config, dtype="mixed_bfloat16"),
        EncoderBlock(config, trainable=False),
        EncoderBlock(config, initializer="glorot_uniform", lora_rank=2),
        FeedForward(8, 4, activation="gelu_new", initializer="ones"),
        LoraAdapter(8, 4),
        LoraAdapter(8, 4, rank=2),
        Pooling("max", dtype=keras.DTypePolicy("mixed_bfloat16")),
        SelfAttention(8, 2, dropout=0.3, initializer="ones"),
        SelfAttention(8, 2, dropout=0.0, initializer="ones", lora_rank=3),
        SinusoidalPositions(4, 8, dtype="bfloat16"),
        WindowPooling("attention", name="w"),
    ]


def output(layer):
    if isinstance(layer, BertEmbeddings):
        result = layer(IDS, IDS % 2, IDS)
    elif isinstance(layer, SinusoidalPositions):
        result = layer(IDS)
    elif isinstance(layer, Pooling):
        result = layer(X, input_mask=MASK)
    elif isinstance(layer, WindowPooling):
        result = layer(X[0], np.array([2, 1]))
    elif isinstance(layer, SelfAttention | EncoderBlock):
        result, _ = layer(X, layout=Padded(MASK))
    else:
        result = layer(X)
    return keras.ops.cast(result, "float32")


@pytest.mark.parametrize("number", range(12))
def test_round_trip(tiny_config, number):
    layer = layers(tiny_config)[number]
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.name == layer.name
    assert again.dtype_policy == layer.dtype_policy
    if layer.get_config() != LoraAdapter(8, 4, name=layer.name).get_config():
        output(layer), output(again)  # builds
        random = np.random.default_rng(1)
        for ours, theirs in zip(layer.weights, again.weights, strict=True):
            assert ours.path == theirs.path
            ours.assign(random.normal(size=ours.shape))
            theirs.assign(ours.value)
        np.testing.assert_array_equal(output(layer), output(again))
        assert again.get_config() == layer.get_config()


def test_all_are_registered(tiny_config):
    for layer in layers(tiny_config):
        name = f"bert_keras>{type(layer).__name__}"
        assert keras.saving.get_registered_object(name) is type(layer)
