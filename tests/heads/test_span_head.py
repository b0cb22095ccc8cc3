"""The head of spans: a dense layer, and nothing at padding."""

import numpy as np

from bert_keras.heads import SpanHead


def test_logits_of_starts_and_ends():
    head = SpanHead(3, seed=1)
    head.dense.kernel.assign([[1, 0], [0, 1], [0, 0]])
    head.dense.bias.assign([0.5, -0.5])
    encoded = {"sequence_output": np.array([[[1, 2, 3], [4, 5, 6]]], "float32")}
    logits = head(encoded, {"input_mask": np.array([[1, 0]])})
    np.testing.assert_array_equal(logits, [[[1.5, 1.5], [-1e9, -1e9]]])
    assert not head.pooled_only
