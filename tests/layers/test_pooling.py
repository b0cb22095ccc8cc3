import keras
import numpy as np
import pytest

from bert_keras.layers import Pooling

# A sequence with padding, one with a gap, one without tokens.
X = np.array(
    [
        [[1, -4], [3, -2], [50, 50]],
        [[5, 6], [50, 50], [7, 0]],
        [[8, 9], [50, 50], [50, 50]],
    ],
    "float32",
)
MASK = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 0]], "int32")
POOLED = {
    "cls": [[1, -4], [5, 6], [8, 9]],
    "mean": [[2, -3], [6, 3], [0, 0]],
    "max": [[3, -2], [7, 6], [0, 0]],
}


@pytest.mark.parametrize("mode", POOLED)
def test_pooling(mode):
    np.testing.assert_array_equal(Pooling(mode)(X, MASK), POOLED[mode])


@pytest.mark.parametrize("mode", POOLED)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_bfloat16"])
def test_short_floats(mode, dtype):
    pooled = Pooling(mode, dtype=dtype)(X, MASK)
    assert pooled.dtype.name == dtype.removeprefix("mixed_")
    np.testing.assert_array_equal(
        keras.ops.cast(pooled, "float32"), POOLED[mode]
    )


@pytest.mark.parametrize("mode", ["mean", "max"])
def test_values_at_padding_do_not_matter(mode):
    padded = np.where(MASK[:, :, None], X, np.nan)
    np.testing.assert_array_equal(Pooling(mode)(padded, MASK), POOLED[mode])


def test_long_sequences_are_counted_in_float32():
    ones = np.ones((1, 300, 1), "float32")
    pooled = Pooling("mean", dtype="bfloat16")(ones, np.ones((1, 300), "int32"))
    assert float(pooled[0, 0]) == 1.0


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match=r"one of cls, mean, max\. Received: "):
        Pooling("first")


def test_saved_within_a_model(tmp_path):
    x = keras.Input((None, 2))
    mask = keras.Input((None,), dtype="int32")
    model = keras.Model([x, mask], Pooling("mean")(x, input_mask=mask))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded([X, MASK]), POOLED["mean"])
