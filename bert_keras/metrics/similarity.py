"""Metrics of embeddings: similarity of pairs, and retrieval."""

import numpy as np

from bert_keras.metrics.regression import regression_metrics

_BLOCK = 1024  # queries compared at once
_SHORTEST = 1e-12  # shorter vectors are not scaled to unit length


def unit_vectors(vectors) -> np.ndarray:
    """Scales vectors to unit length; a zero vector stays zero.

    Args:
        vectors: Vectors, float [n, width].

    Example:
        >>> unit_vectors(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, _SHORTEST)


def cosines(vectors, others) -> np.ndarray:
    """Returns the cosine of each vector with its partner, float [n].

    Args:
        vectors: Vectors, float [n, width].
        others: Their partners, float [n, width].

    Example:
        >>> cosines(np.array([[2.0, 0.0]]), np.array([[1.0, 1.0]])).round(3)
        array([0.707])
    """
    return (unit_vectors(vectors) * unit_vectors(others)).sum(axis=1)


def similarity_metrics(scores, found) -> dict[str, float]:
    """Evaluates how cosines correlate with similarity scores.

    Cosines and scores have different units, so there is no error between them.

    Args:
        scores: Similarity scores, float [n].
        found: Cosines, float [n].

    Returns:
        `examples`, `pearson` and `spearman`; see `regression_metrics`.
    """
    metrics = regression_metrics(scores, found)
    return {name: metrics[name] for name in ("examples", "pearson", "spearman")}


def retrieval_metrics(queries, partners) -> dict[str, float]:
    """Evaluates how well each query retrieves its own partner among all.

    Args:
        queries: Embeddings, float [n, width], compared by cosine.
        partners: Embeddings, float [n, width]; number `i` belongs to query
            `i`.

    Returns:
        examples: `n`.
        recall_at_1: Share of queries whose partner is the nearest.
        recall_at_10: Share of queries whose partner is among the ten nearest.
        mean_reciprocal_rank: Mean of 1 / rank of the partner.

    Example:
        >>> axes = np.eye(2)
        >>> retrieval_metrics(axes, axes)["recall_at_1"]
        1.0
    """
    queries, partners = unit_vectors(queries), unit_vectors(partners)
    ranks = np.concatenate(
        [
            _ranks(queries[start : start + _BLOCK], partners, start)
            for start in range(0, len(queries), _BLOCK)
        ]
    )
    return {
        "examples": len(ranks),
        "recall_at_1": float(np.mean(ranks == 1)),
        "recall_at_10": float(np.mean(ranks <= 10)),
        "mean_reciprocal_rank": float(np.mean(1.0 / ranks)),
    }


def _ranks(queries, partners, start: int) -> np.ndarray:
    """Returns the rank of each query's partner, from 1."""
    similarity = queries @ partners.T  # [queries, n]
    own = similarity[np.arange(len(queries)), start + np.arange(len(queries))]
    return 1 + (similarity > own[:, None]).sum(axis=1)
