import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.metrics import regression_metrics


def test_three_examples_by_hand():
    result = regression_metrics([1, 2, 3], [1, 2, 5])
    assert result["examples"] == 3
    # Errors 0, 0, 2.
    assert result["mse"] == pytest.approx(4 / 3)
    assert result["mae"] == pytest.approx(2 / 3)
    # Squares of the targets around their mean: 1 + 0 + 1.
    assert result["r2"] == pytest.approx(1 - 4 / 2)
    # Around the means (-1, 0, 1) and (-5, -2, 7) / 3: product 4, squares 2
    # and 78 / 9.
    assert result["pearson"] == pytest.approx(4 / math.sqrt(2 * 78 / 9))
    assert result["spearman"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("targets", "predictions"),
    [
        ([1.0, 2.0], [0.1, 0.1]),
        ([2.0, 2.0], [1.0, 2.0]),
        ([1.0], [1.0]),
        # Constant but for a rounding error.
        ([1.0, 2.0, 3.0], [0.1 + 0.2, 0.3, 0.3]),
        ([0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_correlation_with_a_constant_is_zero(targets, predictions):
    result = regression_metrics(targets, predictions)
    assert (result["pearson"], result["spearman"]) == (0.0, 0.0)


def test_r2_of_constant_targets_is_zero():
    assert regression_metrics([2.0, 2.0], [1.0, 2.0])["r2"] == 0.0


@pytest.mark.parametrize(
    ("targets", "predictions", "message"),
    [
        ([1.0, 2.0], [1.0], "equal shape"),
        ([[1.0]], [[1.0]], "equal shape"),
        ([], [], "at least one example"),
        ([1.0], [math.nan], "finite `predictions`"),
    ],
)
def test_errors(targets, predictions, message):
    with pytest.raises(ValueError, match=message):
        regression_metrics(targets, predictions)


number = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(number, number), min_size=1, max_size=12))
def test_any_numbers_give_json(pairs):
    result = regression_metrics(*zip(*pairs, strict=True))
    json.dumps(result, allow_nan=False)
    assert abs(result["pearson"]) <= 1 + 1e-9
    assert abs(result["spearman"]) <= 1 + 1e-9
    assert result["mae"] ** 2 <= result["mse"] * (1 + 1e-9) + 1e-300
