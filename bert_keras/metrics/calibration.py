"""Calibration: is a model that says 0.9 right nine times out of ten?"""

from collections.abc import Sequence

import numpy as np


def reliability_bins(confidence, correct, *, bins: int = 15) -> list[dict]:
    """Groups predictions by their confidence into bins of equal width.

    Bin m of M contains the confidences in ((m - 1) / M, m / M], as in Guo et
    al. 2017 (https://arxiv.org/abs/1706.04599), section 2.

    Args:
        confidence: Probability of each predicted label, float [n].
        correct: Whether the prediction was correct, bool [n].
        bins: Number of bins between 0 and 1.

    Returns:
        The mean `confidence`, the `accuracy` (both `None` in an empty bin)
        and the `count` of each bin, lowest confidence first.

    Example:
        >>> rows = reliability_bins([0.4, 0.9, 0.7], [1, 1, 0], bins=2)
        >>> rows[0]
        {'confidence': 0.4, 'accuracy': 1.0, 'count': 1}
        >>> rows[1]
        {'confidence': 0.8, 'accuracy': 0.5, 'count': 2}
    """
    confidence = np.asarray(confidence, dtype=np.float64)
    correct = np.asarray(correct, dtype=np.float64)
    edges = np.linspace(0.0, 1.0, bins + 1)
    where = np.digitize(confidence, edges[1:-1], right=True)  # [n]
    rows = []
    for number in range(bins):
        inside = where == number
        count = int(inside.sum())
        rows.append(
            {
                "confidence": _mean(confidence[inside]),
                "accuracy": _mean(correct[inside]),
                "count": count,
            }
        )
    return rows


def expected_calibration_error(bins: Sequence[dict]) -> float:
    """Returns the mean difference between confidence and accuracy.

    Bins are weighted by their counts (Guo et al. 2017, equation 3): the sum
    over bins of count / n * |accuracy - confidence|.

    Args:
        bins: Rows of `reliability_bins`, at least one of them not empty.

    Returns:
        0.0 for a calibrated model, at most 1.0.

    Example:
        >>> bins = reliability_bins([0.75, 0.75], [True, False])
        >>> expected_calibration_error(bins)
        0.25
    """
    filled = [row for row in bins if row["count"]]
    total = sum(row["count"] for row in filled)
    distance = sum(
        row["count"] * abs(row["accuracy"] - row["confidence"])
        for row in filled
    )
    return distance / total


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if values.size else None
