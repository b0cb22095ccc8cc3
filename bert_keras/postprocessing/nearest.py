"""Nearest: which of many vectors point where a query does, exactly."""

import numpy as np

_BLOCK = 1 << 16  # vectors compared at once


def nearest(
    queries: np.ndarray, vectors: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the vectors with the largest dot products with each query.

    Every vector is compared, a block at a time, so that `vectors` may be a
    memory-mapped file: of a million vectors of 384, a block has 100 MB.

    Args:
        queries: float [queries, width].
        vectors: float [n, width].
        count: Vectors to find for each query, at most.

    Returns:
        Their positions, int64 [queries, found], and dot products, float
        [queries, found], the largest first.

    Example:
        >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
        >>> places, products = nearest(np.array([[0.0, 1.0]]), vectors, 2)
        >>> places.tolist(), products.tolist()
        ([[1, 2]], [[1.0, 0.8]])
    """
    places = np.zeros([len(queries), 0], np.int64)
    products = np.zeros([len(queries), 0], queries.dtype)
    for start in range(0, len(vectors), _BLOCK):
        found = queries @ np.asarray(vectors[start : start + _BLOCK]).T
        there = np.arange(start, start + found.shape[1])
        there = np.broadcast_to(there, found.shape)
        products, places = _largest(
            np.concatenate([products, found], axis=1),
            np.concatenate([places, there], axis=1),
            count,
        )
    return places, products


def _largest(products, places, count: int):
    """Returns the `count` largest of each row, in order."""
    if products.shape[1] > count:
        kept = np.argpartition(-products, count - 1, axis=1)[:, :count]
        products = np.take_along_axis(products, kept, axis=1)
        places = np.take_along_axis(places, kept, axis=1)
    order = np.argsort(-products, axis=1)
    return (
        np.take_along_axis(products, order, axis=1),
        np.take_along_axis(places, order, axis=1),
    )
