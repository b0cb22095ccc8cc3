"""Exact nearest-neighbour search by dot product."""

import numpy as np

_BLOCK = 1 << 16  # vectors compared at once


def nearest(
    queries: np.ndarray, vectors: np.ndarray, top_k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the vectors with the largest dot products with each query.

    All vectors are compared, one block at a time, so `vectors` may be a
    memory-mapped file: a block of vectors of width 384 takes 100 MB.

    Args:
        queries: float [queries, width].
        vectors: float [n, width].
        top_k: Maximum number of vectors to find for each query.

    Returns:
        Their indices, int64 [queries, found], and dot products, float
        [queries, found], in descending order of the latter.

    Example:
        >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
        >>> indices, products = nearest(np.array([[0.0, 1.0]]), vectors, 2)
        >>> indices.tolist(), products.tolist()
        ([[1, 2]], [[1.0, 0.8]])
    """
    indices = np.zeros([len(queries), 0], np.int64)
    products = np.zeros([len(queries), 0], queries.dtype)
    for start in range(0, len(vectors), _BLOCK):
        found = queries @ np.asarray(vectors[start : start + _BLOCK]).T
        here = np.arange(start, start + found.shape[1])  # [block]
        here = np.broadcast_to(here, found.shape)  # [queries, block]
        products, indices = _largest(
            np.concatenate([products, found], axis=1),
            np.concatenate([indices, here], axis=1),
            top_k,
        )
    return indices, products


def _largest(products, indices, top_k: int):
    """Returns the `top_k` largest products per query, sorted, and indices."""
    if products.shape[1] > top_k:
        kept = np.argpartition(-products, top_k - 1, axis=1)[:, :top_k]
        products = np.take_along_axis(products, kept, axis=1)
        indices = np.take_along_axis(indices, kept, axis=1)
    order = np.argsort(-products, axis=1)
    return (
        np.take_along_axis(products, order, axis=1),
        np.take_along_axis(indices, order, axis=1),
    )
