"""The encoder as a part of Keras models and TensorFlow graphs."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from bert_keras.contract import (
    ENCODER_INPUTS,
    POOLED_OUTPUT,
    encoder_input_specs,
)
from bert_keras.encoders import BertEncoder

LAYOUTS = pytest.mark.parametrize("packed", [False, True])
MASK = [[1, 1, 1, 0], [1, 1, 1, 1]]


def classifier(encoder, **options):
    """Returns a functional model of the encoder and a dense layer."""
    inputs = {
        name: keras.Input((None,), dtype="int32", name=name)
        for name in ENCODER_INPUTS
    }
    pooled = encoder(inputs, **options)[POOLED_OUTPUT]
    return keras.Model(inputs, keras.layers.Dense(2)(pooled))


def assert_close(received, expected):
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5)


@LAYOUTS
def test_within_a_functional_model(tiny_encoder, inputs_for, packed):
    model = classifier(tiny_encoder, packed=packed)
    dense = model.layers[-1]
    expected = dense(tiny_encoder(inputs_for(MASK))[POOLED_OUTPUT])
    assert_close(model(inputs_for(MASK)), expected)
    # Another length: nothing was fixed when the model was made.
    assert model(inputs_for([[1, 1]])).shape == (1, 2)


@LAYOUTS
def test_a_functional_model_is_saved(
    build_encoder, tiny_config, inputs_for, tmp_path, packed
):
    model = classifier(build_encoder(tiny_config), packed=packed)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_close(loaded(inputs_for(MASK)), model(inputs_for(MASK)))


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16", "bfloat16"])
def test_an_encoder_is_saved(
    build_encoder, tiny_config, inputs_for, tmp_path, dtype
):
    encoder = build_encoder(tiny_config, dtype=dtype)
    encoder.trainable = False
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.models.load_model(tmp_path / "encoder.keras")
    assert loaded.config == tiny_config
    assert loaded.dtype_policy == encoder.dtype_policy
    assert not loaded.trainable
    np.testing.assert_array_equal(
        loaded(inputs_for(MASK))[POOLED_OUTPUT],
        encoder(inputs_for(MASK))[POOLED_OUTPUT],
    )


def test_config_round_trip(tiny_config):
    encoder = BertEncoder(tiny_config, dtype="mixed_bfloat16", name="reader")
    again = BertEncoder.from_config(encoder.get_config())
    assert again.get_config() == encoder.get_config()
    assert again.name == "reader"


@LAYOUTS
def test_in_a_graph_of_unknown_shapes(tiny_encoder, inputs_for, packed):
    @tf.function(input_signature=[encoder_input_specs()])
    def encode(inputs):
        return tiny_encoder(inputs, packed=packed)

    for mask in (MASK, [[1, 1]], [[0, 0]], np.zeros((0, 3))):
        inputs = inputs_for(mask)
        assert_close(
            encode(inputs)[POOLED_OUTPUT],
            tiny_encoder(inputs, packed=packed)[POOLED_OUTPUT],
        )
    assert encode.get_concrete_function().output_shapes[
        POOLED_OUTPUT
    ].as_list() == [None, 8]


def test_compiled_by_xla(tiny_encoder, inputs_for):
    @tf.function(jit_compile=True)
    def encode(inputs):
        return tiny_encoder(inputs)[POOLED_OUTPUT]

    inputs = {k: tf.constant(v) for k, v in inputs_for(MASK).items()}
    assert_close(encode(inputs), tiny_encoder(inputs)[POOLED_OUTPUT])


@pytest.mark.parametrize(
    ("packed", "jit_compile"), [(False, True), (True, False)]
)
def test_fit_lowers_the_loss(tiny_config, inputs_for, packed, jit_compile):
    config = dataclasses.replace(tiny_config, num_hidden_layers=1)
    keras.utils.set_random_seed(0)
    model = classifier(BertEncoder(config), packed=packed)
    model.compile(
        keras.optimizers.SGD(0.1),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit_compile,
    )
    inputs, labels = inputs_for(MASK), np.array([0, 1])

    # Read without dropout, which would make so small a network jump about.
    def loss():
        return model.loss(labels, model(inputs)).numpy()

    before = loss()
    model.fit(inputs, labels, epochs=40, verbose=0)
    assert loss() < before / 2
