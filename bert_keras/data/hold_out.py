"""Held-out examples, for Keras' `validation_split`."""

import math
from collections.abc import Sequence

import numpy as np

from bert_keras.data.documents import Documents
from bert_keras.data.errors import DataError
from bert_keras.data.folds import same_text, select


def hold_out(
    examples, share: float, seed: int = 42, *, classes: Sequence | None = None
) -> tuple:
    """Splits examples into training and held-out examples.

    The split is stratified: as far as the texts allow, the given share of
    every class is held out. Examples with the same text stay on one side, as
    in `fold_indices`, and so do the lines of a document. At least one text of
    each class stays in training.

    Args:
        examples: Examples of any kind that a reader returns.
        share: Share of the examples to hold out, above 0 and below 1.
        seed: Seed of the split.
        classes: The class of each example. By default its label, if each
            example has one and labels occur twice on average.

    Returns:
        The training examples and the held-out ones, each in the order of the
        source.

    Raises:
        ValueError: If the share is out of range.
        DataError: If there are fewer than two different texts.

    Example:
        >>> from bert_keras.data import Examples
        >>> texts = [f"text {number}" for number in range(10)]
        >>> examples = Examples(texts, labels=["no"] * 6 + ["yes"] * 4)
        >>> train, held_out = hold_out(examples, 0.5)
        >>> held_out.labels
        ['no', 'no', 'no', 'yes', 'yes']
    """
    if not 0 < share < 1:
        raise ValueError(
            "Expected a share of the examples above 0 and below 1. Received: "
            f"{share!r}"
        )
    groups = _groups(examples)
    if groups.size == 0 or groups.max() == 0:
        raise DataError(
            f"{examples.source}: Expected at least 2 different texts, one to "
            f"train on and one to hold out. Received: {len(set(groups))}. Add "
            "examples, or pass validation data (in Python: "
            "validation_data=...)."
        )
    if classes is None:
        classes = _classes(examples)
    held_out = np.isin(groups, _chosen(groups, classes, share, seed))
    return (
        select(examples, np.flatnonzero(~held_out).tolist()),
        select(examples, np.flatnonzero(held_out).tolist()),
    )


def _groups(examples) -> np.ndarray:
    """Returns the group of each example, int [examples] from 0."""
    if isinstance(examples, Documents):
        return np.unique(examples.document_ids, return_inverse=True)[1]
    return same_text(examples)


def _classes(examples) -> Sequence:
    """Returns labels as classes, or the same class for all examples."""
    labels = getattr(examples, "labels", None) or []
    names = [label for label in labels if isinstance(label, str | int)]
    if len(names) < len(examples) or 2 * len(set(names)) > len(names):
        return [0] * len(examples)
    return list(map(str, names))


def _chosen(
    groups: np.ndarray, classes: Sequence, share: float, seed: int
) -> list[int]:
    """Returns the groups to hold out."""
    _, firsts, sizes = np.unique(groups, return_index=True, return_counts=True)
    _, numbers = np.unique(np.asarray(classes), return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    members = [
        order[numbers[firsts[order]] == number]
        for number in range(numbers.max() + 1)
    ]
    chosen, wanted = [], 0.0
    # Small classes first: larger ones make up for what they round off.
    for group in sorted(members, key=lambda group: sizes[group].sum()):
        wanted += share * sizes[group].sum()
        left = len(group)
        for one in group:
            if left > 1 and sizes[one] <= math.floor(wanted + 0.5):
                chosen.append(int(one))
                wanted -= sizes[one]
                left -= 1
    if not chosen:
        chosen = [int(np.argmin(sizes))]
    return chosen
