"""Metrics of vectors: how alike pairs are, and whether they find each other."""

import numpy as np

from bert_keras.metrics.regression import regression_metrics

_BLOCK = 1024  # queries compared at once
_SHORTEST = 1e-12  # of a vector that is scaled to unit length


def unit_vectors(vectors) -> np.ndarray:
    """Scales vectors to unit length; a vector of zeros stays one.

    Args:
        vectors: float [n, width].

    Example:
        >>> unit_vectors(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, _SHORTEST)


def cosines(vectors, others) -> np.ndarray:
    """Returns the cosine of each vector with its partner, float [n].

    Args:
        vectors: float [n, width].
        others: The same.

    Example:
        >>> cosines(np.array([[2.0, 0.0]]), np.array([[1.0, 1.0]])).round(3)
        array([0.707])
    """
    return (unit_vectors(vectors) * unit_vectors(others)).sum(axis=1)


def similarity_metrics(scores, found) -> dict[str, float]:
    """Measures how cosines follow scores of likeness.

    A cosine is not in the unit of the scores, so there is no error to name.

    Args:
        scores: Of people, float [n].
        found: Cosines, float [n].

    Returns:
        `examples`, `pearson` and `spearman`; see `regression_metrics`.
    """
    metrics = regression_metrics(scores, found)
    return {name: metrics[name] for name in ("examples", "pearson", "spearman")}


def retrieval_metrics(queries, partners) -> dict[str, float]:
    """Measures how well each query finds its own partner among all.

    Args:
        queries: Vectors, float [n, width]; their cosines are compared.
        partners: Vector `i` belongs to query `i`, float [n, width].

    Returns:
        examples: `n`.
        found_first: Share of queries to which no other partner is nearer.
        found_in_ten: Share to which fewer than ten others are nearer.
        mean_reciprocal_rank: Mean of 1 / rank of the own partner.

    Example:
        >>> axes = np.eye(2)
        >>> retrieval_metrics(axes, axes)["found_first"]
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
        "found_first": float(np.mean(ranks == 1)),
        "found_in_ten": float(np.mean(ranks <= 10)),
        "mean_reciprocal_rank": float(np.mean(1.0 / ranks)),
    }


def _ranks(queries, partners, start: int) -> np.ndarray:
    """Returns the place of each query's partner, the nearest being 1."""
    likeness = queries @ partners.T
    own = likeness[np.arange(len(queries)), start + np.arange(len(queries))]
    return 1 + (likeness > own[:, None]).sum(axis=1)
