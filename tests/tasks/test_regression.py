"""Targets and losses of regression, by hand; nothing is trained."""

import numpy as np
import pytest

from bert_keras.data import DataError, Examples
from bert_keras.tasks import Regression

# Long texts are truncated by default.
TRUNCATED = {"windows": "first", "stride": None, "max_windows": None}


def examples(*scores):
    return Examples(["text"] * len(scores), labels=list(scores))


def test_mean_and_scale_are_computed_from_training_data():
    problem = Regression()
    problem.adapt(examples("1", "3", "5"))
    assert problem.mean == pytest.approx(3.0)
    assert problem.scale == pytest.approx(np.sqrt(8 / 3))
    np.testing.assert_allclose(
        problem.targets(examples(3.0, 3.0 + np.sqrt(8 / 3))),
        [0.0, 1.0],
        atol=1e-6,
    )
    assert problem.to_dict() == {
        "mean": problem.mean,
        "scale": problem.scale,
        "pooling": "cls",
        "pair": False,
        **TRUNCATED,
    }


def test_scores_that_are_all_the_same_have_the_scale_1():
    problem = Regression()
    problem.adapt(examples(7, 7))
    assert (problem.mean, problem.scale) == (7.0, 1.0)
    assert problem.targets(examples(7, 8)).tolist() == [0.0, 1.0]


def test_mean_and_scale_that_are_given_stay():
    problem = Regression(mean=0.0, scale=2.0, pooling="max")
    problem.adapt(examples(5, 9))
    assert problem.to_dict() == {
        "mean": 0.0,
        "scale": 2.0,
        "pooling": "max",
        "pair": False,
        **TRUNCATED,
    }


def test_large_scores_keep_their_digits():
    problem = Regression()
    problem.adapt(examples(1_000_000, 1_000_001))
    np.testing.assert_allclose(
        problem.targets(examples(1_000_000, 1_000_001)), [-1, 1], rtol=0.01
    )


def test_the_loss_is_the_squared_error():
    found = Regression().loss(
        np.array([1.0, -1.0], np.float32), np.array([[3.0], [-1.0]], "float32")
    )
    np.testing.assert_allclose(found, [4.0, 0.0])


def test_names_of_classes_are_refused():
    with pytest.raises(DataError, match="train a classifier"):
        Regression().adapt(examples("good"))
    with pytest.raises(ValueError, match="`pooling`"):
        Regression(pooling="first")
