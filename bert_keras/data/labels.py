"""Labels as arrays: class ids, multi-hot matrices, scores."""

import difflib
import math
import re
from collections.abc import Iterator, Sequence

import numpy as np

from bert_keras.data.errors import BadRows, DataError, quoted
from bert_keras.data.examples import Examples

_LARGEST = float(np.finfo(np.float32).max)


def infer_labels(
    examples: Examples, *, separator: str | None = None
) -> tuple[str, ...]:
    """Returns the names of all labels, sorted.

    Integers are sorted as numbers: `2` comes before `10`.

    Args:
        examples: Labelled examples.
        separator: Separator of the labels of one example, such as `"|"`;
            `None` if each example has exactly one label.

    Raises:
        DataError: If labels are missing, or all examples have the same one.

    Example:
        >>> infer_labels(Examples(["a", "b", "c"], labels=["10", "2", "2"]))
        ('2', '10')
    """
    names = {name for row in _names(examples, separator) for name in row}
    if all(_is_whole(name) for name in names):
        labels = tuple(sorted(names, key=lambda name: (int(name), name)))
    else:
        labels = tuple(sorted(names))
    require_classes(
        labels, examples.source, at_least=2 if separator is None else 1
    )
    return labels


def require_classes(
    labels: Sequence[str], source: str, *, at_least: int = 2
) -> None:
    """Raises unless there are enough different labels to train on.

    Raises:
        DataError: If there are fewer than `at_least`.
    """
    if len(labels) < at_least:
        raise DataError(
            f"{source}: Expected at least {at_least} different labels. "
            f"Received only: {quoted(labels)}. Check the label column "
            "(--label-column, in Python label='...') and that the file has "
            "examples of every class, not a sorted excerpt."
        )


def label_ids(examples: Examples, labels: Sequence[str]) -> np.ndarray:
    """Returns the position of each example's label in `labels`.

    If no name is a number, integers are taken as positions, so that data
    labelled 0 and 1 can be given names.

    Args:
        examples: Labelled examples.
        labels: Names of all labels, in order.

    Returns:
        int32 [examples].

    Raises:
        DataError: If labels are missing or not among `labels`.

    Example:
        >>> label_ids(Examples(["a", "b"], labels=["no", "yes"]), ["no", "yes"])
        array([0, 1], dtype=int32)
    """
    ids = np.zeros(len(examples), np.int32)
    for i, position in _positions(examples, labels, None):
        ids[i] = position
    return ids


def label_matrix(
    examples: Examples, labels: Sequence[str], separator: str = "|"
) -> np.ndarray:
    """Returns which labels each example has, as a multi-hot matrix.

    Args:
        examples: Labelled examples.
        labels: Names of all labels, in order.
        separator: Separator of several labels in one string.

    Returns:
        float32 [examples, labels], 1 where the example has the label.

    Raises:
        DataError: If a label is not among `labels`.

    Example:
        >>> examples = Examples(["x", "y"], labels=["a|b", ""])
        >>> label_matrix(examples, ["a", "b"]).tolist()
        [[1.0, 1.0], [0.0, 0.0]]
    """
    matrix = np.zeros([len(examples), len(labels)], np.float32)
    for i, position in _positions(examples, labels, separator):
        matrix[i, position] = 1
    return matrix


def label_scores(examples: Examples) -> np.ndarray:
    """Returns each example's label as a number.

    Returns:
        float32 [examples].

    Raises:
        DataError: If labels are missing, not numbers, or not finite.

    Example:
        >>> label_scores(Examples(["a", "b"], labels=["2.5", "1"])).tolist()
        [2.5, 1.0]
    """
    bad = BadRows()
    scores = np.zeros(len(examples), np.float32)
    for i, value in enumerate(_labels(examples)):
        score = _number(value)
        if abs(score) <= _LARGEST:  # false for NaN
            scores[i] = score
        else:
            bad.add(examples.where(i), f"{value!r} is not a finite number")
    bad.raise_if_any(
        expected="a number as the score of each example",
        remedy="Write scores as 2.5 or 1e-3, and remove rows without one. If "
        "these are class names, train a classifier.",
    )
    return scores


def _labels(examples: Examples) -> list:
    if examples.labels is None:
        raise DataError(
            f"{examples.source}: Expected labelled examples. Received texts "
            "without labels. Name the label column with --label-column (in "
            "Python: label='...')."
        )
    return examples.labels


def _names(examples: Examples, separator: str | None) -> Iterator[list[str]]:
    """Yields the label names of each example, then reports missing ones."""
    bad = BadRows()
    for i, value in enumerate(_labels(examples)):
        names = _split(value, separator)
        if separator is None and isinstance(value, list):
            bad.add(examples.where(i), f"several labels: {value!r}")
        elif separator is None and not names:
            bad.add(examples.where(i), "an empty label")
        yield names
    bad.raise_if_any(
        expected="exactly one label for each example",
        remedy="Label these rows or remove them. If examples may have several "
        "labels or none, train a multi-label classifier.",
    )


def _split(value, separator: str | None) -> list[str]:
    """Returns the label names in one cell, an empty list if it is blank."""
    if isinstance(value, list):
        parts = value
    elif isinstance(value, float) and value.is_integer():
        parts = [str(int(value))]  # pandas reads 1 as 1.0 if values are missing
    elif separator is None:
        parts = [str(value)]
    else:
        parts = str(value).split(separator)
    return [part.strip() for part in parts if part.strip()]


def _index(labels: Sequence[str]) -> dict[str, int]:
    index = {name: position for position, name in enumerate(labels)}
    if not any(_is_whole(name) for name in labels):
        index |= {str(position): position for position in range(len(labels))}
    return index


def _positions(
    examples: Examples, labels: Sequence[str], separator: str | None
) -> Iterator[tuple[int, int]]:
    """Yields (example, position of a label), then reports unknown labels."""
    index = _index(labels)
    bad = BadRows()
    for i, names in enumerate(_names(examples, separator)):
        for name in names:
            if name in index:
                yield i, index[name]
            else:
                hint = "" if bad.full else _hint(name, labels)
                bad.add(examples.where(i), f"unknown label {name!r}{hint}")
    bad.raise_if_any(
        expected=f"one of the labels {quoted(labels[:20])}",
        remedy="Correct these labels, or add examples of them to the training "
        "data: a model cannot predict a label it was not trained on.",
    )


def _hint(name: str, labels: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, labels, n=2)
    return f" (close: {quoted(close)})" if close else ""


def _is_whole(name: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+", name) is not None


def _number(value) -> float:
    """Returns a cell as a float, NaN if it is not a number."""
    # Python reads 1_000 as a number; in a data file it is not one.
    if isinstance(value, list | bool) or "_" in str(value):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan
