import keras
import numpy as np
import pytest

from bert_keras.heads import PooledHead

SEQUENCE = np.array(
    [[[1, 2], [3, 8], [9, 9]], [[4, 0], [7, 7], [7, 7]]], "float32"
)
POOLED = np.array([[10, 20], [30, 40]], "float32")
ENCODED = {"sequence_output": SEQUENCE, "pooled_output": POOLED}
INPUTS = {"input_mask": np.array([[1, 1, 0], [1, 0, 0]])}


def answered(pooling, **options):
    """What a head answers whose kernel is the identity, bias (0, 1)."""
    head = PooledHead(2, 2, pooling=pooling, **options)
    head.dense.kernel.assign(np.eye(2))
    head.dense.bias.assign([0, 1])
    return head(ENCODED, INPUTS)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("cls", [[10, 21], [30, 41]]),
        ("mean", [[2, 6], [4, 1]]),
        ("max", [[3, 9], [4, 1]]),
    ],
)
def test_answers_by_hand(pooling, expected):
    np.testing.assert_allclose(answered(pooling), expected)


def test_half_precision_answers_in_full():
    logits = answered("mean", dtype="bfloat16")
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"
    np.testing.assert_allclose(logits, [[2, 6], [4, 1]])


def test_dropout_is_active_in_training_only():
    head = PooledHead(2, 1, dropout=0.9, seed=1)
    steady = [head(ENCODED, INPUTS) for _ in range(2)]
    np.testing.assert_array_equal(*steady)
    noisy = [np.array(head(ENCODED, INPUTS, training=True)) for _ in range(50)]
    assert any(not np.array_equal(noisy[0], other) for other in noisy[1:])


def test_the_seed_decides_the_kernel():
    def kernel(seed):
        return PooledHead(50, 3, seed=seed).dense.kernel.numpy()

    np.testing.assert_array_equal(kernel(1), kernel(1))
    assert not np.array_equal(kernel(1), kernel(2))
    assert kernel(1).std() == pytest.approx(0.018, abs=0.004)
    assert abs(kernel(1)).max() <= 0.04


def test_an_unknown_pooling_is_refused():
    with pytest.raises(ValueError, match="pooling='median'"):
        PooledHead(2, 2, pooling="median")
