"""Sample weights: how much each example counts in the loss."""

import math
from collections.abc import Sequence

import numpy as np

from bert_keras.data.errors import DataError

_LARGEST = float(np.finfo(np.float32).max)


def as_weight(value) -> float:
    """Returns the weight of one example.

    Raises:
        DataError: If it is negative, not finite or not a number; the message
            does not say where it is.

    Example:
        >>> as_weight("0.5"), as_weight(2)
        (0.5, 2.0)
    """
    try:
        weight = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        weight = math.nan
    if not 0 <= weight <= _LARGEST:  # true for NaN
        raise DataError(
            "expected a sample weight, finite and not negative, received "
            f"{value!r:.40}"
        )
    return weight


def weight_array(
    weights: Sequence[float | None], source: str
) -> np.ndarray | None:
    """Returns the weights of examples, or `None` if there are none.

    Args:
        weights: The weight of each example, or `None`.
        source: Name of the source in messages.

    Returns:
        float32 [examples].

    Raises:
        DataError: If only some examples have a weight, or all weights are 0.

    Example:
        >>> weight_array([1.0, 0.5], "a list").tolist()
        [1.0, 0.5]
    """
    missing = sum(weight is None for weight in weights)
    if missing == len(weights):
        return None
    if missing:
        raise DataError(
            f"{source}: Expected a sample weight for every example or for "
            f"none. Received {len(weights) - missing:,} for "
            f"{len(weights):,} examples."
        )
    if not any(weights):
        raise DataError(
            f"{source}: Expected at least one sample weight above 0. Received: "
            f"all {len(weights):,} are 0, so there is nothing to train on."
        )
    return np.array(weights, np.float32)
