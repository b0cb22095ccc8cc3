import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.metrics import classification_metrics, multi_label_metrics

LABELS = ["a", "b", "c"]


def scores_for(answers, classes=3, confidence=0.7):
    """Returns rows whose highest score, `confidence`, is at each answer."""
    rest = (1 - confidence) / (classes - 1)
    scores = np.full((len(answers), classes), rest)
    scores[np.arange(len(answers)), answers] = confidence
    return scores


def test_six_examples_by_hand():
    truth = [0, 0, 1, 1, 2, 2]
    answers = [0, 1, 1, 1, 2, 0]
    result = classification_metrics(truth, scores_for(answers), LABELS)
    assert result["examples"] == 6
    assert result["accuracy"] == pytest.approx(4 / 6)
    assert result["micro_f1"] == pytest.approx(4 / 6)
    # F1 = 2PR / (P + R): a 1/2, 1/2; b 2/3, 1; c 1, 1/2.
    # (1/2 + 4/5 + 2/3) / 3 = (15 + 24 + 20) / 90
    assert result["macro_f1"] == pytest.approx(59 / 90)
    assert result["per_class"]["b"] == pytest.approx(
        {"precision": 2 / 3, "recall": 1.0, "f1": 4 / 5, "support": 2}
    )
    assert result["confusion_matrix"] == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]
    # True counts t = (2, 2, 2), answers p = (2, 3, 1), 4 right of 6:
    # (4 * 6 - 12) / sqrt((36 - 14) * (36 - 12)), where 12 = t . p.
    assert result["matthews"] == pytest.approx(12 / math.sqrt(22 * 24))
    # All confidences are 0.7, so one bin: |4/6 - 0.7|.
    assert result["calibration_error"] == pytest.approx(1 / 30)
    assert [row["count"] for row in result["reliability"]].count(0) == 14


def test_label_absent_everywhere_leaves_a_perfect_macro_f1():
    result = classification_metrics([0, 1], scores_for([0, 1]), LABELS)
    assert result["macro_f1"] == 1.0
    assert result["per_class"]["c"] == {
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
        "support": 0,
    }
    assert result["confusion_matrix"][2] == [0, 0, 0]


def test_label_without_example_that_is_answered_counts_as_zero():
    # F1: a 0 of 1 found; c answered once, never true; (0 + 0) / 2.
    result = classification_metrics([0], scores_for([2]), LABELS)
    assert result["macro_f1"] == 0.0


def test_one_label_in_truth_and_answers_gives_no_matthews_correlation():
    result = classification_metrics([1, 1], scores_for([1, 1]), LABELS)
    assert (result["accuracy"], result["matthews"]) == (1.0, 0.0)


def test_equal_scores_go_to_the_first_label():
    result = classification_metrics([0], [[0.5, 0.5]], ["a", "b"])
    assert result["accuracy"] == 1.0


def test_float32_scores_of_many_classes():
    scores = np.full((1, 77), 1 / 77, np.float32)
    labels = [str(number) for number in range(77)]
    assert classification_metrics([0], scores, labels)["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("label_ids", "scores", "labels", "message"),
    [
        ([0], [[0.5, 0.5]], LABELS, r"shape \[n, 3\]"),
        ([0, 1], [[0.2, 0.3, 0.5]], LABELS, r"shape \[1\]"),
        ([0.0], [[0.2, 0.3, 0.5]], LABELS, "integers"),
        ([3], [[0.2, 0.3, 0.5]], LABELS, "from 0 to 2"),
        ([-1], [[0.2, 0.3, 0.5]], LABELS, "from 0 to 2"),
        ([0], [[2.0, -1.0, 0.0]], LABELS, "softmax"),
        ([0], [[0.9, 0.8, 0.1]], LABELS, "sum to 1"),
        ([0], [[math.nan, 0.5, 0.5]], LABELS, "diverged"),
        ([], np.zeros((0, 3)), LABELS, "at least one example"),
        ([0], [[0.5, 0.5]], ["a", "a"], "repeated names: a"),
    ],
)
def test_errors_say_what_to_do(label_ids, scores, labels, message):
    with pytest.raises(ValueError, match=message):
        classification_metrics(label_ids, scores, labels)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.lists(st.floats(0.01, 1), min_size=3, max_size=3),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_answers_give_json_that_no_order_changes(examples):
    label_ids = np.array([label_id for label_id, _ in examples])
    scores = np.array([row for _, row in examples])
    scores /= scores.sum(axis=1, keepdims=True)
    result = classification_metrics(label_ids, scores, LABELS)
    json.dumps(result, allow_nan=False)
    for name in ("accuracy", "macro_f1", "calibration_error"):
        assert 0 <= result[name] <= 1 + 1e-9
    assert -1 - 1e-9 <= result["matthews"] <= 1 + 1e-9
    assert np.sum(result["confusion_matrix"]) == len(examples)
    backwards = classification_metrics(label_ids[::-1], scores[::-1], LABELS)
    assert backwards["per_class"] == result["per_class"]
    assert backwards["calibration_error"] == pytest.approx(
        result["calibration_error"]
    )


def test_multi_label_by_hand():
    truth = [[1, 1, 0], [0, 0, 1], [1, 0, 0]]
    scores = [[0.9, 0.2, 0.1], [0.1, 0.3, 0.8], [0.6, 0.7, 0.2]]
    # Answers: a; c; a and b. Right 3, too many 1 (b), missed 1 (b).
    result = multi_label_metrics(truth, scores, LABELS)
    assert result["exact_match"] == pytest.approx(1 / 3)
    assert result["micro_f1"] == pytest.approx(2 * 3 / (2 * 3 + 1 + 1))
    # F1: a 1, b 0, c 1.
    assert result["macro_f1"] == pytest.approx(2 / 3)
    # The third text's one label is second: (1 + 1 + 1/2) / 3.
    assert result["ranking_precision"] == pytest.approx(5 / 6)
    assert result["per_class"]["b"]["support"] == 1
    json.dumps(result, allow_nan=False)


def test_threshold_itself_gives_the_label():
    truth, scores = [[1, 0]], [[0.3, 0.2]]
    at_half = multi_label_metrics(truth, scores, ["a", "b"])
    lower = multi_label_metrics(truth, scores, ["a", "b"], threshold=0.3)
    assert (at_half["exact_match"], lower["exact_match"]) == (0.0, 1.0)


def test_multi_label_with_one_label():
    # True, missed and wrongly given: F1 = 2 / (2 + 1 + 1).
    result = multi_label_metrics([[1], [1], [0]], [[0.9], [0.1], [0.8]], ["a"])
    assert result["macro_f1"] == result["micro_f1"] == pytest.approx(0.5)
    assert list(result["per_class"]) == ["a"]


def test_multi_label_without_any_true_label():
    result = multi_label_metrics(np.zeros((2, 2)), np.zeros((2, 2)), ["a", "b"])
    assert result["exact_match"] == 1.0
    assert result["macro_f1"] == 0.0


@pytest.mark.parametrize(
    ("truth", "scores", "message"),
    [
        ([[1, 0]], [[0.1, 0.2], [0.3, 0.4]], r"shape \[2, 2\]"),
        ([[2, 0]], [[0.1, 0.2]], "zeros and ones"),
        ([[1, 0]], [[3.0, 0.2]], "sigmoid"),
    ],
)
def test_multi_label_errors(truth, scores, message):
    with pytest.raises(ValueError, match=message):
        multi_label_metrics(truth, scores, ["a", "b"])
