"""Targets, weights and losses of classification; nothing is trained."""

import numpy as np
import pytest

from bert_keras.data import DataError, Examples
from bert_keras.tasks import Classification


def test_options_survive_json():
    options = {
        "labels": ["b", "a"],
        "multi_label": True,
        "threshold": 0.3,
        "label_smoothing": 0.1,
        "balance": None,
        "pooling": "max",
        "pair": True,
        "windows": "attention",
        "stride": 64,
        "max_windows": 8,
    }
    assert Classification(**options).to_dict() == options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label_smoothing": 1.0}, "`label_smoothing` from 0 to below 1"),
        ({"label_smoothing": -0.1}, "label_smoothing=-0.1"),
        ({"balance": "luck"}, "`balance` to be weights or sampling"),
        ({"balance": "weights", "multi_label": True}, "several classes"),
        ({"pooling": "median"}, "`pooling` to be one of cls, mean, max"),
        ({"labels": ["only"]}, "at least 2 different labels"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Classification(**options)


def examples(*labels):
    return Examples(["text"] * len(labels), labels=list(labels))


def test_labels_are_inferred_in_order():
    problem = Classification()
    problem.adapt(examples("10", "2", "2"))
    assert problem.labels == ("2", "10")
    assert problem.targets(examples("10", "2")).tolist() == [1, 0]


def test_labels_that_are_given_are_not_inferred():
    problem = Classification(["neg", "neutral", "pos"])
    problem.adapt(examples("pos", "neg"))
    assert problem.labels == ("neg", "neutral", "pos")
    assert problem.targets(examples("pos", "0")).tolist() == [2, 0]
    with pytest.raises(DataError, match="unknown label 'good'"):
        problem.targets(examples("good"))


def test_several_labels_are_a_matrix():
    problem = Classification(multi_label=True)
    problem.adapt(examples("a|c", "", "b"))
    assert problem.labels == ("a", "b", "c")
    assert problem.targets(examples("a|c", "")).tolist() == [
        [1, 0, 1],
        [0, 0, 0],
    ]


TARGETS = np.array([0, 0, 0, 1])


def test_balance_by_weights_lets_each_class_count_the_same():
    problem = Classification(["a", "b"], balance="weights")
    weights, sampling_probabilities = problem.weighting(TARGETS)
    np.testing.assert_allclose(weights, [2 / 3, 2 / 3, 2 / 3, 2], rtol=1e-6)
    assert sampling_probabilities is None


def test_balance_by_sampling_draws_each_class_equally_often():
    problem = Classification(["a", "b", "unseen"], balance="sampling")
    weights, sampling_probabilities = problem.weighting(TARGETS)
    assert weights is None
    np.testing.assert_allclose(
        sampling_probabilities, [1 / 6, 1 / 6, 1 / 6, 1 / 2]
    )
    assert sampling_probabilities.sum() == pytest.approx(1.0, abs=1e-12)


def test_without_balance_examples_count_equally():
    weights, sampling_probabilities = Classification(["a", "b"]).weighting(
        TARGETS
    )
    assert weights is None
    assert sampling_probabilities is None


LOGITS = np.array([[0.0, np.log(3.0)]], np.float32)  # 1/4 and 3/4


@pytest.mark.parametrize(
    ("smoothing", "loss"),
    [
        (0.0, -np.log(0.75)),
        (0.2, -0.9 * np.log(0.75) - 0.1 * np.log(0.25)),
    ],
)
def test_the_loss_of_one_label(smoothing, loss):
    problem = Classification(["a", "b"], label_smoothing=smoothing)
    found = problem.loss(np.array([1], np.int32), LOGITS)
    np.testing.assert_allclose(found, [loss], rtol=1e-6)


def test_the_loss_of_several_labels_is_their_mean():
    problem = Classification(["a", "b"], multi_label=True)
    found = problem.loss(np.array([[0.0, 1.0]], np.float32), LOGITS)
    by_hand = (-np.log(0.5) - np.log(0.75)) / 2
    np.testing.assert_allclose(found, [by_hand], rtol=1e-6)


def test_what_epochs_are_compared_by():
    assert Classification().monitor.name == "val_accuracy"
    assert Classification(multi_label=True).monitor.name == "val_micro_f1"
