import math

import numpy as np
import pytest

from bert_keras.metrics import masked_metrics, masked_mistakes, perplexity

PIECES = ["a", "b", "c", "d"]
GUESSES = ["a", "x", "y", "d"]
LOG = np.log([0.5, 0.25, 0.125, 1.0])
SCORES = [0.5, 0.3, 0.9, 1.0]


def test_metrics_by_hand():
    found = masked_metrics(PIECES, GUESSES, LOG)
    assert found["masks"] == 4
    assert found["accuracy"] == 0.5
    assert found["masked_lm_loss"] == pytest.approx(6 * math.log(2) / 4)
    assert found["perplexity"] == pytest.approx(2**1.5)


def test_the_most_confident_mistakes_come_first():
    texts = ["1", "2", "3", "4"]
    rows = masked_mistakes(PIECES, GUESSES, LOG, SCORES, texts)
    assert [row["predicted"] for row in rows] == ["y", "x"]
    assert rows[0] == {
        "label": "c",
        "predicted": "y",
        "score": 0.9,
        "label_score": pytest.approx(0.125),
        "text": "3",
    }
    assert (
        len(masked_mistakes(PIECES, GUESSES, LOG, SCORES, texts, limit=1)) == 1
    )


def test_the_perplexity_of_nothing_and_of_hopelessness():
    assert perplexity(0.0, 0) is None
    assert perplexity(0.0, 3) == 1.0
    assert math.isfinite(perplexity(-1e9, 1))
