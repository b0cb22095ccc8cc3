"""Checks of the arrays that metrics are computed from.

A metric of misaligned or diverged arrays is still a number, and does not look
wrong. So these checks come first, and say what to do.
"""

from collections.abc import Sequence

import numpy as np

# A bfloat16 softmax over 77 classes sums to 1 within about 0.004.
_SUM_TOLERANCE = 0.02


def check_labels(labels: Sequence[str]) -> list[str]:
    """Returns the label names as a list.

    Raises:
        ValueError: If a name occurs twice.
    """
    names = list(labels)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            "Expected unique label names. Received repeated names: "
            f"{', '.join(repeated)}"
        )
    return names


def check_scores(scores, classes: int) -> np.ndarray:
    """Returns scores as float64 [n, classes], each between 0 and 1.

    Raises:
        ValueError: If the shape is wrong, `n` is 0, or a score is not a number
            from 0 to 1.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 2 or scores.shape[1] != classes:
        raise ValueError(
            f"Expected `scores` of shape [n, {classes}], one column for each "
            f"label. Received: shape={scores.shape}"
        )
    if not len(scores):
        raise ValueError("Expected at least one example. Received none.")
    if not np.isfinite(scores).all():
        raise ValueError(
            "Expected finite `scores`. Received: nan or infinity. Training has "
            "probably diverged: try a lower learning rate."
        )
    # The margin allows for the rounding of a bfloat16 network.
    if scores.min() < -1e-3 or scores.max() > 1 + 1e-3:
        raise ValueError(
            "Expected probabilities between 0 and 1. Received: `scores` from "
            f"{scores.min():g} to {scores.max():g}. If these are logits, "
            "apply a softmax (one label per text) or a sigmoid (several) first."
        )
    return scores


def check_distributions(scores, classes: int) -> np.ndarray:
    """Returns scores as float64 [n, classes] whose rows sum to 1.

    Raises:
        ValueError: See `check_scores`; also if a row does not sum to 1.
    """
    scores = check_scores(scores, classes)
    sums = scores.sum(axis=1)
    row = int(np.abs(sums - 1).argmax())
    if abs(sums[row] - 1) > _SUM_TOLERANCE:
        raise ValueError(
            "Expected probabilities that sum to 1 over the labels. Received: "
            f"row {row} with sum {sums[row]:g}. If texts may have several "
            "labels, use `multi_label_metrics`."
        )
    return scores


def check_label_ids(label_ids, examples: int, classes: int) -> np.ndarray:
    """Returns label ids as int64 [examples], each in 0 to classes - 1.

    Raises:
        ValueError: If the shape, the dtype or an id is wrong.
    """
    ids = np.asarray(label_ids)
    if ids.shape != (examples,) or not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(
            f"Expected `label_ids` as integers of shape [{examples}], one for "
            f"each row of scores. Received: shape={ids.shape}, "
            f"dtype={ids.dtype}"
        )
    if ids.min() < 0 or ids.max() >= classes:
        raise ValueError(
            f"Expected label ids from 0 to {classes - 1}. Received: ids from "
            f"{ids.min()} to {ids.max()}. Check that the model and the data "
            "have the same labels in the same order."
        )
    return ids.astype(np.int64)


def check_label_matrix(label_matrix, shape: tuple[int, int]) -> np.ndarray:
    """Returns a matrix of zeros and ones as int64 of the given shape.

    Raises:
        ValueError: If the shape is wrong or a value is neither 0 nor 1.
    """
    matrix = np.asarray(label_matrix)
    if matrix.shape != shape:
        raise ValueError(
            f"Expected `label_matrix` of shape {list(shape)}, like the "
            f"scores. Received: shape={matrix.shape}"
        )
    if not np.isin(matrix, (0, 1)).all():
        raise ValueError(
            "Expected a `label_matrix` of zeros and ones. Received: values "
            f"from {matrix.min()} to {matrix.max()}"
        )
    return matrix.astype(np.int64)


def check_pairs(targets, predictions) -> tuple[np.ndarray, np.ndarray]:
    """Returns true and predicted values, both float64 [n].

    Raises:
        ValueError: If they differ in length, are empty or not finite.
    """
    targets = np.asarray(targets, dtype=np.float64)
    predictions = np.asarray(predictions, dtype=np.float64)
    if targets.ndim != 1 or targets.shape != predictions.shape:
        raise ValueError(
            "Expected `targets` and `predictions` of equal shape [n]. "
            f"Received: {targets.shape} and {predictions.shape}"
        )
    if not len(targets):
        raise ValueError("Expected at least one example. Received none.")
    for name, values in (("targets", targets), ("predictions", predictions)):
        if not np.isfinite(values).all():
            raise ValueError(
                f"Expected finite `{name}`. Received: nan or infinity."
            )
    return targets, predictions
