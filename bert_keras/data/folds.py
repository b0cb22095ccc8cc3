"""Folds: examples dealt into parts, each of which is held out once."""

import dataclasses
import warnings
from collections.abc import Iterable, Sequence

import numpy as np

from bert_keras.data.errors import DataError


def select(examples, indices: Iterable[int]):
    """Returns the examples at `indices`, in that order.

    Args:
        examples: Of any kind that a reader returns.
        indices: From 0.

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
    classes: Sequence | None = None,
    seed: int = 42,
) -> list[np.ndarray]:
    """Deals examples into folds.

    Examples with the same text stay together, so that nothing held out was
    learned: questions about one context, pairs with the same first text,
    roles of several verbs in one sentence, texts that occur twice.

    Args:
        examples: Of any kind that a reader returns.
        folds: How many, 2 or more.
        classes: The class of each example, if there is one: each fold then has
            its share of every class, as far as texts let it.
        seed: Of the deal.

    Returns:
        For each fold the indices of its examples, int [examples of the fold],
        rising.

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
    # Without classes all are of one, of which each fold gets its share.
    classes = [0] * len(examples) if classes is None else classes
    deal = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # Of a class with fewer examples than folds some folds have none.
        warnings.filterwarnings("ignore", "The least populated class")
        return [
            held_out
            for _, held_out in deal.split(
                groups, _merged(classes, folds), groups
            )
        ]


def same_text(examples) -> np.ndarray:
    """Returns the group of each example, one for each different text.

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


def _merged(classes: Sequence, folds: int) -> np.ndarray:
    """Returns classes by number, those too small for all folds as one."""
    _, numbers, counts = np.unique(
        classes, return_inverse=True, return_counts=True
    )
    numbers[counts[numbers] < folds] = -1
    if (numbers == -1).sum() < folds and (numbers >= 0).any():
        numbers[numbers == -1] = numbers.max()
    return numbers
