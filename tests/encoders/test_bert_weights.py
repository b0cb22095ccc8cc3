"""Which weights an encoder has, and in which dtype."""

import dataclasses

import keras
import numpy as np
import pytest

from bert_keras.config import BertConfig
from bert_keras.contract import POOLED_OUTPUT, SEQUENCE_OUTPUT
from bert_keras.encoders import BertEncoder

MASK = [[1, 1, 1, 0], [1, 1, 1, 1]]
BLOCK = [
    *(
        f"attention/{name}/{kind}"
        for name in ("query", "key", "value", "output")
        for kind in ("kernel", "bias")
    ),
    "attention_norm/gamma",
    "attention_norm/beta",
    "feed_forward/inner/kernel",
    "feed_forward/inner/bias",
    "feed_forward/outer/kernel",
    "feed_forward/outer/bias",
    "feed_forward_norm/gamma",
    "feed_forward_norm/beta",
]
NAMES = [
    "embeddings/word/embeddings",
    "embeddings/position/embeddings",
    "embeddings/type/embeddings",
    "embeddings/norm/gamma",
    "embeddings/norm/beta",
    *(f"block_0/{name}" for name in BLOCK),
    *(f"block_1/{name}" for name in BLOCK),
    "pooler/kernel",
    "pooler/bias",
]


def test_names(tiny_encoder):
    variables = tiny_encoder.named_variables
    assert sorted(variables) == sorted(NAMES)
    assert len(tiny_encoder.trainable_variables) == len(NAMES)


@pytest.mark.parametrize("name", ["bert", "a_longer_name"])
def test_names_do_not_depend_on_the_name_of_the_encoder(tiny_config, name):
    encoder = BertEncoder(tiny_config, name=name)
    assert sorted(encoder.named_variables) == sorted(NAMES)


def test_names_within_another_layer(tiny_config):
    class Wrapper(keras.layers.Layer):
        def build(self):
            self.encoder = BertEncoder(tiny_config)

    wrapper = Wrapper()
    wrapper.build()
    assert sorted(wrapper.encoder.named_variables) == sorted(NAMES)


def test_sinusoidal_positions_have_no_weight(tiny_config, inputs_for):
    encoder = BertEncoder(
        dataclasses.replace(tiny_config, position_embedding_type="sinusoidal")
    )
    absent = "embeddings/position/embeddings"
    assert sorted({*encoder.named_variables, absent}) == sorted(NAMES)
    padded = encoder(inputs_for(MASK))[POOLED_OUTPUT]
    packed = encoder(inputs_for(MASK), packed=True)[POOLED_OUTPUT]
    np.testing.assert_allclose(padded, packed, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "count"),
    [
        ("tiny", 4_385_920),
        ("mini", 11_170_560),
        ("small", 28_763_648),
        ("medium", 41_373_184),
        ("base", 109_482_240),
        ("large", 335_141_888),
    ],
)
def test_parameters_of_published_sizes(size, count):
    # All rows of the word table and all blocks are alike: one of each is
    # made and counted as often as there are.
    config = BertConfig.named(size, vocab_size=30522)
    encoder = BertEncoder(
        dataclasses.replace(config, vocab_size=1, num_hidden_layers=1)
    )
    assert count == (
        encoder.count_params()
        + encoder.blocks[0].count_params() * (config.num_hidden_layers - 1)
        + config.hidden_size * (config.vocab_size - 1)
    )


def test_fresh_weights(tiny_config):
    encoder = BertEncoder(tiny_config)
    for name, weight in encoder.named_variables.items():
        values = weight.numpy()
        if name.endswith("gamma"):
            assert np.all(values == 1)
        elif name.endswith(("bias", "beta")):
            assert np.all(values == 0)
        else:
            # Truncated at two standard deviations.
            assert 0.01 < values.std() < 0.025
            assert np.abs(values).max() < 0.05


@pytest.mark.parametrize(
    ("dtype", "of_weights"),
    [("mixed_bfloat16", "float32"), ("bfloat16", "bfloat16")],
)
@pytest.mark.parametrize("packed", [False, True])
def test_bfloat16(
    build_encoder, tiny_config, inputs_for, dtype, of_weights, packed
):
    exact = build_encoder(tiny_config)(inputs_for(MASK))
    encoder = build_encoder(tiny_config, dtype=dtype)
    assert {weight.dtype for weight in encoder.weights} == {of_weights}
    encoded = encoder(inputs_for(MASK), packed=packed)
    real = np.array(MASK, bool)
    for name, where in ((SEQUENCE_OUTPUT, real), (POOLED_OUTPUT, ...)):
        assert encoded[name].dtype.name == "bfloat16"
        difference = np.abs(
            encoded[name].numpy().astype("float32") - exact[name].numpy()
        )
        # bfloat16 keeps 8 bits; values reach 3.
        assert difference[where].max() < 0.2
        assert difference[where].mean() < 0.03


def test_no_two_fresh_weights_are_drawn_alike(tiny_config):
    variables = BertEncoder(tiny_config).named_variables
    drawn = {
        name: weight.numpy().ravel()[:8].tolist()
        for name, weight in variables.items()
        if name.endswith(("kernel", "embeddings"))
    }
    for name, values in drawn.items():
        alike = [other for other in drawn if drawn[other] == values]
        assert alike == [name]


def test_weights_that_will_be_restored_cost_no_random_numbers(tiny_config):
    variables = BertEncoder(tiny_config, initializer="zeros").named_variables
    random = {
        name
        for name, weight in variables.items()
        if np.any(weight.numpy()) and not name.endswith("gamma")
    }
    # A checkpoint may lack the pooler, which starts from random values then.
    assert random == {"pooler/kernel"}
