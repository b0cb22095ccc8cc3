"""Folds for cross-validation: each example is held out once."""

import dataclasses
import warnings
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from bert_keras.data.errors import DataError


def select(examples, indices: Iterable[int]):
    """Returns the examples at `indices`, in that order.

    Args:
        examples: Examples of any kind that a reader returns.
        indices: Positions of examples, from 0.

    Example:
        >>> from bert_keras.data import Examples
        >>> select(Examples(["a", "b", "c"]), [2, 0]).texts
        ['c', 'a']
    """
    chosen = list(indices)
    columns = {
        field.name: getattr(examples, field.name)
        for field in dataclasses.fields(examples)
    }
    return dataclasses.replace(
        examples,
        **{
            name: [column[i] for i in chosen]
            for name, column in columns.items()
            if isinstance(column, list)
        }
        | {
            name: column[chosen]
            for name, column in columns.items()
            if isinstance(column, np.ndarray)
        },
    )


def fold_indices(
    examples,
    folds: int,
    *,
    classes: ArrayLike | None = None,
    seed: int = 42,
) -> list[np.ndarray]:
    """Splits examples into folds.

    Examples with the same text stay together, so that no held-out text was
    trained on: questions about the same context, pairs with the same first
    text, roles of several verbs in a sentence, texts that occur twice.

    Args:
        examples: Examples of any kind that a reader returns.
        folds: Number of folds, at least 2.
        classes: The class of each example. If given, folds are stratified: as
            far as the texts allow, each has its share of every class.
        seed: Seed of the split.

    Returns:
        The indices of the examples in each fold, int [examples of the fold],
        ascending.

    Raises:
        DataError: If there are fewer different texts than folds.

    Example:
        >>> from bert_keras.data import Examples
        >>> examples = Examples(["a", "b", "a", "c"])
        >>> [fold.tolist() for fold in fold_indices(examples, 2)]
        [[0, 2], [1, 3]]
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups = same_text(examples)
    texts = len(set(groups))
    if not 2 <= folds <= texts:
        raise DataError(
            f"{examples.source}: Expected from 2 to {texts} folds, the number "
            f"of different texts. Received: folds={folds}"
        )
    # Without classes, all examples are of the same one.
    classes = [0] * len(examples) if classes is None else classes
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A class with fewer examples than folds is missing in some of them.
        warnings.filterwarnings("ignore", "The least populated class")
        return [
            held_out
            for _, held_out in splitter.split(
                groups, _merged(classes, folds), groups
            )
        ]


def same_text(examples) -> np.ndarray:
    """Returns the group of each example: those with the same text share it.

    Args:
        examples: Examples of any kind that a reader returns. Questions are
            grouped by their context, pairs by their first text.

    Returns:
        int [examples], from 0.

    Example:
        >>> from bert_keras.data import Examples
        >>> same_text(Examples(["a", "b", "a"])).tolist()
        [0, 1, 0]
    """
    texts = getattr(examples, "contexts", None) or examples.texts
    return np.unique(np.array(texts, object), return_inverse=True)[1]


def _merged(classes: ArrayLike, folds: int) -> np.ndarray:
    """Returns class numbers, classes with fewer examples than folds merged."""
    _, numbers, counts = np.unique(
        classes, return_inverse=True, return_counts=True
    )
    numbers[counts[numbers] < folds] = -1
    if (numbers == -1).sum() < folds and (numbers >= 0).any():
        numbers[numbers == -1] = numbers.max()
    return numbers
