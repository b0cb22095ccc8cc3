"""Labels as numbers: class ids, a matrix of several labels, scores."""

import difflib
import math
import re
from collections.abc import Iterator, Sequence

import numpy as np

from bert_keras.data.errors import DataError, Problems, quoted
from bert_keras.data.examples import Examples

_LARGEST = float(np.finfo(np.float32).max)


def learn_labels(
    examples: Examples, *, separator: str | None = None
) -> tuple[str, ...]:
    """Returns the names of all labels, sorted.

    Whole numbers are sorted as numbers: `2` stands before `10`.

    Args:
        examples: Labelled examples.
        separator: What stands between several labels of one example, `"|"`
            for example; `None` if each has exactly one.

    Raises:
        DataError: If labels are missing, or all examples have the same one.

    Example:
        >>> learn_labels(Examples(["a", "b", "c"], labels=["10", "2", "2"]))
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
    """Raises unless there are enough different labels to learn from.

    Raises:
        DataError: If there are fewer than `at_least`.
    """
    if len(labels) < at_least:
        raise DataError(
            f"{source}: Expected at least {at_least} different labels. "
            f"Received only: {quoted(labels)}. Check the label column "
            "(--label-column, in Python label='...') and that the file holds "
            "examples of every class, not a sorted excerpt."
        )


def label_ids(examples: Examples, labels: Sequence[str]) -> np.ndarray:
    """Returns the position of each example's label in `labels`.

    Where no name is a number, whole numbers are taken as positions, so that
    data labelled 0 and 1 can be given names.

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
    """Returns which labels each example has; it may have none.

    Args:
        examples: Labelled examples.
        labels: Names of all labels, in order.
        separator: What stands between several labels in one string.

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
    problems = Problems()
    scores = np.zeros(len(examples), np.float32)
    for i, value in enumerate(_labels(examples)):
        score = _number(value)
        if abs(score) <= _LARGEST:  # false for NaN
            scores[i] = score
        else:
            problems.add(examples.where(i), f"{value!r} is no finite number")
    problems.raise_if_any(
        expected="a number as the score of each example",
        remedy="Write scores as 2.5 or 1e-3, and leave out rows without one. "
        "If these are names of classes, train a classifier.",
    )
    return scores


def _labels(examples: Examples) -> list:
    if examples.labels is None:
        raise DataError(
            f"{examples.source}: Expected labelled examples. Received texts "
            "alone. Name the label column with --label-column (in Python: "
            "label='...')."
        )
    return examples.labels


def _names(examples: Examples, separator: str | None) -> Iterator[list[str]]:
    """Yields the label names of each example, then reports missing ones."""
    problems = Problems()
    for i, value in enumerate(_labels(examples)):
        names = _split(value, separator)
        if separator is None and isinstance(value, list):
            problems.add(examples.where(i), f"several labels: {value!r}")
        elif separator is None and not names:
            problems.add(examples.where(i), "an empty label")
        yield names
    problems.raise_if_any(
        expected="exactly one label for each example",
        remedy="Label these rows or leave them out. If examples may have "
        "several labels or none, train with several labels.",
    )


def _split(value, separator: str | None) -> list[str]:
    """Returns the label names in one cell; none if it is blank."""
    if isinstance(value, list):
        parts = value
    elif isinstance(value, float) and value.is_integer():
        parts = [str(int(value))]  # pandas turns 1 into 1.0 beside a gap
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
    problems = Problems()
    for i, names in enumerate(_names(examples, separator)):
        for name in names:
            if name in index:
                yield i, index[name]
            else:
                hint = "" if problems.full else _hint(name, labels)
                problems.add(examples.where(i), f"unknown label {name!r}{hint}")
    problems.raise_if_any(
        expected=f"one of the labels {quoted(labels[:20])}",
        remedy="Correct these labels, or add examples of them to the training "
        "data: a model cannot answer a label it has not seen.",
    )


def _hint(name: str, labels: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, labels, n=2)
    return f" (close: {quoted(close)})" if close else ""


def _is_whole(name: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+", name) is not None


def _number(value) -> float:
    """Returns a cell as a float, NaN if it is none."""
    # Python reads 1_000 as a number; whoever writes a data file does not.
    if isinstance(value, list | bool) or "_" in str(value):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan
