import dataclasses

import numpy as np
import pytest

from bert_keras.layers import EncoderBlock, Padded

MASK = np.ones((1, 3), "int32")
X = np.random.default_rng(0).normal(size=(1, 3, 8)).astype("float32")


def normalized(x):
    return (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)


@pytest.fixture
def block(tiny_config):
    layer = EncoderBlock(tiny_config, name="block_0")
    layer.build()
    return layer


def test_residuals_are_normalized_after_the_sum(block):
    # With kernels of zero each sublayer adds its last bias.
    for weight in block.weights:
        if weight.path.endswith("kernel"):
            weight.assign(np.zeros(weight.shape))
    attended, fed = np.arange(8), np.arange(8) ** 2
    block.attention.output_projection.bias.assign(attended)
    block.feed_forward.outer.bias.assign(fed)
    x, _ = block(X, layout=Padded(MASK))
    expected = normalized(normalized(X + attended) + fed)
    np.testing.assert_allclose(x, expected, atol=1e-5)


def test_names_and_shapes_of_weights(block):
    shapes = {
        f"attention/{name}/{kind}": shape
        for name in ("query", "key", "value", "output")
        for kind, shape in (("kernel", (8, 8)), ("bias", (8,)))
    }
    shapes |= {
        f"{name}/{kind}": (8,)
        for name in ("attention_norm", "feed_forward_norm")
        for kind in ("gamma", "beta")
    }
    shapes |= {
        "feed_forward/inner/kernel": (8, 16),
        "feed_forward/inner/bias": (16,),
        "feed_forward/outer/kernel": (16, 8),
        "feed_forward/outer/bias": (8,),
    }
    assert {weight.path: weight.shape for weight in block.weights} == {
        "block_0/" + name: shape for name, shape in shapes.items()
    }


@pytest.mark.parametrize(
    ("hidden", "attention", "moves"),
    [(0.0, 0.0, False), (0.5, 0.0, True), (0.0, 0.5, True)],
)
def test_each_dropout_rate(tiny_config, hidden, attention, moves):
    block = EncoderBlock(
        dataclasses.replace(
            tiny_config,
            hidden_dropout_prob=hidden,
            attention_probs_dropout_prob=attention,
            initializer_range=0.5,
        )
    )
    still, _ = block(X, layout=Padded(MASK))
    moved, _ = block(X, layout=Padded(MASK), training=True)
    assert (np.abs(moved - still).max() > 1e-3) == moves
