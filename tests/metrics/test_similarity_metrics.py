import numpy as np
import pytest

from bert_keras.metrics import retrieval_metrics, similarity

PARTNERS = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])


def test_ranks_by_hand():
    # The second query is nearer to the third partner than to its own, the
    # third nearest to its own.
    queries = np.array([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]])
    assert retrieval_metrics(queries, PARTNERS) == {
        "examples": 3,
        "recall_at_1": pytest.approx(2 / 3),
        "recall_at_10": 1.0,
        "mean_reciprocal_rank": pytest.approx((1 + 1 / 3 + 1) / 3),
    }


def test_blocks_do_not_matter(monkeypatch):
    vectors = np.random.default_rng(0).normal(size=(2, 50, 4))
    whole = retrieval_metrics(*vectors)
    monkeypatch.setattr(similarity, "_BLOCK", 7)
    assert retrieval_metrics(*vectors) == whole
