import numpy as np
import pytest

from bert_keras.heads import EmbeddingHead

SEQUENCE = np.array(
    [[[3, 4], [9, 0], [7, 7]], [[0, 2], [5, 5], [5, 5]]], "float32"
)
INPUTS = {"input_mask": np.array([[1, 1, 0], [1, 0, 0]])}


@pytest.mark.parametrize(
    ("pooling", "normalize", "expected"),
    [
        ("cls", False, [[3, 4], [0, 2]]),
        ("cls", True, [[0.6, 0.8], [0, 1]]),
        ("mean", False, [[6, 2], [0, 2]]),
        ("max", False, [[9, 4], [0, 2]]),
    ],
)
def test_a_sequence_becomes_one_vector(pooling, normalize, expected):
    head = EmbeddingHead(2, pooling, normalize=normalize)
    received = head({"sequence_output": SEQUENCE}, INPUTS)
    np.testing.assert_allclose(received, expected, rtol=1e-6)
    assert head.weights == []


def test_a_vector_of_zeros_stays_one():
    head = EmbeddingHead(2, "mean", normalize=True)
    empty = {"input_mask": np.zeros((2, 3), int)}
    received = head({"sequence_output": SEQUENCE}, empty)
    np.testing.assert_array_equal(received, np.zeros((2, 2)))
