"""The same network on the JAX backend: outputs, gradients, a training step.

`make test-jax` runs this file with KERAS_BACKEND=jax where TensorFlow is not
installed.
"""

import subprocess
import sys

import keras
import numpy as np
import pytest

from bert_keras.checkpoints import load_encoder
from bert_keras.contract import (
    ATTENTION_SCORES,
    ENCODER_INPUTS,
    ENCODER_OUTPUTS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
)

pytestmark = [
    pytest.mark.jax,
    pytest.mark.skipif(
        keras.backend.backend() != "jax", reason="needs KERAS_BACKEND=jax"
    ),
]


@pytest.fixture(scope="module")
def jax():
    return pytest.importorskip("jax")


def values_of(variables) -> list:
    return [variable.value for variable in variables]


def test_tensorflow_is_not_needed():
    program = """
import sys
sys.modules["tensorflow"] = None  # an import of it now fails
import numpy as np
import bert_keras.checkpoints, bert_keras.heads
from bert_keras.config import BertConfig
from bert_keras.contract import ENCODER_INPUTS
from bert_keras.encoders import BertEncoder
encoder = BertEncoder(BertConfig(9, 8, 1, 2, 16))
encoder(dict.fromkeys(ENCODER_INPUTS, np.ones((1, 2), "int32")))
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("packed", [False, True])
def test_outputs(golden_encoder, jax, compare, packed):
    encoder = load_encoder(golden_encoder.folder)

    def encode(inputs):
        return encoder(inputs, packed=packed, return_attention_scores=True)

    # The packed layout has shapes that depend on the mask: not for jit.
    encoded = (encode if packed else jax.jit(encode))(golden_encoder.inputs)
    real, expected = golden_encoder.real, golden_encoder.outputs
    compare(POOLED_OUTPUT, encoded[POOLED_OUTPUT], expected[POOLED_OUTPUT])
    compare(
        SEQUENCE_OUTPUT,
        np.asarray(encoded[SEQUENCE_OUTPUT])[real],
        expected[SEQUENCE_OUTPUT][real],
    )
    for name in (ENCODER_OUTPUTS, ATTENTION_SCORES):
        for ours, theirs in zip(encoded[name], expected[name], strict=True):
            ours = np.asarray(ours)
            if name == ATTENTION_SCORES:
                ours, theirs = (x.transpose(0, 2, 1, 3) for x in (ours, theirs))
            compare(name, ours[real], theirs[real])


def test_gradients(golden_encoder, jax, compare):
    encoder = load_encoder(golden_encoder.folder)
    others = values_of(encoder.non_trainable_variables)

    def loss(weights):
        encoded, _ = encoder.stateless_call(
            weights, others, golden_encoder.inputs
        )
        return golden_encoder.loss(encoded)

    variables = encoder.trainable_variables
    gradients = jax.jit(jax.grad(loss))(values_of(variables))
    names = {id(v): name for name, v in encoder.named_variables.items()}
    assert set(names.values()) == set(golden_encoder.gradients)
    for variable, gradient in zip(variables, gradients, strict=True):
        name = names[id(variable)]
        compare(f"gradients/{name}", gradient, golden_encoder.gradients[name])


def test_two_batches_lower_the_loss(build_encoder, tiny_config, inputs_for):
    keras.utils.set_random_seed(0)
    inputs = {
        name: keras.Input((None,), dtype="int32", name=name)
        for name in ENCODER_INPUTS
    }
    pooled = build_encoder(tiny_config)(inputs)[POOLED_OUTPUT]
    model = keras.Model(inputs, keras.layers.Dense(2)(pooled))
    model.compile(
        keras.optimizers.SGD(0.1),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
    )
    sequences = inputs_for([[1, 1, 1, 0], [1, 1, 1, 1]] * 4)
    labels = np.array([0, 1] * 4)
    before = model.evaluate(sequences, labels, verbose=0)
    model.fit(sequences, labels, batch_size=4, epochs=1, verbose=0)
    assert model.evaluate(sequences, labels, verbose=0) < before


def test_lora_alone_is_trained_and_merged(
    build_encoder, tiny_config, inputs_for
):
    encoder = build_encoder(tiny_config)
    encoder.enable_lora(2, seed=0)
    inputs = {
        name: keras.Input((None,), dtype="int32", name=name)
        for name in ENCODER_INPUTS
    }
    model = keras.Model(inputs, encoder(inputs)[POOLED_OUTPUT])
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=True)

    def values():
        return {
            name: keras.ops.convert_to_numpy(variable)
            for name, variable in encoder.named_variables.items()
        }

    before = values()
    sequences = inputs_for([[1, 1, 1, 0], [1, 1, 1, 1]])
    # At first the gradient of A is zero, since B is.
    model.fit(sequences, np.ones((2, 8)), epochs=2, verbose=0)
    after = values()
    moved = {name for name in before if np.any(after[name] != before[name])}
    assert moved == {name for name in before if "/lora_" in name}
    adapted = np.array(encoder(sequences)[POOLED_OUTPUT])
    encoder.merge_lora()
    merged = np.array(encoder(sequences)[POOLED_OUTPUT])
    np.testing.assert_allclose(merged, adapted, atol=1e-5)
    assert set(encoder.named_variables) == set(before) - moved


def test_frozen_blocks_are_not_trained(build_encoder, tiny_config):
    encoder = build_encoder(tiny_config)
    encoder.freeze(1)
    start = len(encoder.path) + 1
    trained = {
        v.path[start:].split("/")[0] for v in encoder.trainable_variables
    }
    assert trained == {"block_1", "pooler"}
    encoder.unfreeze()
    assert encoder.frozen == []
