"""The encoder computes, and learns from, what Hugging Face transformers do."""

import numpy as np
import pytest
import tensorflow as tf

from bert_keras.checkpoints import load_encoder
from bert_keras.contract import (
    ATTENTION_SCORES,
    ENCODER_OUTPUTS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
)

pytestmark = pytest.mark.parametrize("packed", [False, True])


def assert_close(received, expected):
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5)


def test_outputs(golden_encoder, packed):
    real, expected = golden_encoder.real, golden_encoder.outputs
    encoded = load_encoder(golden_encoder.folder)(
        golden_encoder.inputs, packed=packed, return_attention_scores=True
    )
    assert_close(encoded[POOLED_OUTPUT], expected[POOLED_OUTPUT])
    assert_close(
        encoded[SEQUENCE_OUTPUT].numpy()[real], expected[SEQUENCE_OUTPUT][real]
    )
    assert len(encoded[ENCODER_OUTPUTS]) == len(expected[ENCODER_OUTPUTS])
    for ours, theirs in zip(
        encoded[ENCODER_OUTPUTS], expected[ENCODER_OUTPUTS], strict=True
    ):
        assert_close(ours.numpy()[real], theirs[real])
    for ours, theirs in zip(
        encoded[ATTENTION_SCORES], expected[ATTENTION_SCORES], strict=True
    ):
        # Scores of queries at padding mean nothing.
        assert_close(
            ours.numpy().transpose(0, 2, 1, 3)[real],
            theirs.transpose(0, 2, 1, 3)[real],
        )


def test_gradients(golden_encoder, packed):
    encoder = load_encoder(golden_encoder.folder)
    weights = encoder.named_variables
    with tf.GradientTape() as tape:
        encoded = encoder(golden_encoder.inputs, packed=packed)
        loss = golden_encoder.loss(encoded)
    gradients = tape.gradient(
        loss, {name: weight.value for name, weight in weights.items()}
    )
    assert set(gradients) == set(golden_encoder.gradients)
    for name, gradient in gradients.items():
        assert_close(
            tf.convert_to_tensor(gradient), golden_encoder.gradients[name]
        )
