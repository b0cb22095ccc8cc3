import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.metrics import expected_calibration_error, reliability_bins


def test_two_bins_by_hand():
    # Below one half: 0.25 and 0.5, one of two right; above: 0.75, right.
    bins = reliability_bins([0.25, 0.5, 0.75], [True, False, True], bins=2)
    assert bins == [
        {"confidence": 0.375, "accuracy": 0.5, "count": 2},
        {"confidence": 0.75, "accuracy": 1.0, "count": 1},
    ]
    # 2/3 * |0.5 - 0.375| + 1/3 * |1 - 0.75| = 1/12 + 1/12
    assert expected_calibration_error(bins) == pytest.approx(1 / 6)


def test_empty_bin_has_no_accuracy():
    first, second = reliability_bins([0.9], [True], bins=2)
    assert first == {"confidence": None, "accuracy": None, "count": 0}
    assert second["count"] == 1


def test_upper_edge_belongs_to_its_bin():
    # Bins of a fifth: 0.2 is the end of the first, 1.0 of the last.
    counts = [
        row["count"] for row in reliability_bins([0.2, 1.0], [1, 1], bins=5)
    ]
    assert counts == [1, 0, 0, 0, 1]


def test_sure_and_always_wrong_is_the_worst():
    bins = reliability_bins([1.0, 1.0], [False, False])
    assert expected_calibration_error(bins) == 1.0


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1),
    st.integers(1, 20),
)
def test_bins_hold_every_answer(answers, bins):
    confidence, correct = zip(*answers, strict=True)
    rows = reliability_bins(confidence, correct, bins=bins)
    assert len(rows) == bins
    assert sum(row["count"] for row in rows) == len(answers)
    assert -1e-9 <= expected_calibration_error(rows) <= 1 + 1e-9
