"""Data in memory: lists, dicts, data frames."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from bert_keras.data.arrays import is_column, is_frame, is_text, plain, squeezed
from bert_keras.data.columns import WEIGHT_NAME
from bert_keras.data.errors import DataError, quoted
from bert_keras.data.table import Row, Table

_FORMS = (
    "a list of texts and one of labels, a list of (text, label) or (text, "
    "text_b, label), (texts, labels), ((texts, texts_b), labels), a dict of "
    "columns, a data frame, a tf.data.Dataset or a path"
)
_NOTHING = object()


def memory_table(source, *, labelled: bool, limit: int | None = None) -> Table:
    """Reads a list, a tuple or dict of columns, or a data frame.

    | source                             | with `labelled`  | without        |
    |------------------------------------|------------------|----------------|
    | `["a", "b"]`                       | no label: error  | two texts      |
    | `[("a", "x"), ("b", "y")]`         | texts, labels    | two pairs      |
    | `[("a", "b", "x")]`                | a labelled pair  | a pair         |
    | `(["a", "b"], ["x", "y"])`         | texts, labels    | two pairs      |
    | `((["a"], ["b"]), ["x"])`          | a labelled pair  | a pair         |
    | `(["a", "b"], ["x", "y"], [1, 2])` | and weights      | and weights    |
    | `{"text": [...], "label": [...]}`  | columns by name  | the same       |

    Args:
        source: One of the above, or a pandas data frame.
        labelled: Whether to read labels.
        limit: Maximum number of items to take from an iterator.

    Returns:
        A table whose rows are numbered from 0.

    Raises:
        DataError: If `source` is none of the above, or columns differ in
            length.
    """
    source = plain(squeezed(source), limit)
    if is_frame(source):
        return _frame_table(source)
    if isinstance(source, Mapping):
        return columns_table(source, "a dict")
    if isinstance(source, tuple) and len(source) == 2 and is_column(source[1]):
        columns = _name_columns(*source, labelled)
        return columns_table(columns, "a tuple of columns")
    if _has_weights(source):
        texts, labels, weights = source
        columns = _name_columns(texts, labels, labelled)
        columns[WEIGHT_NAME] = weights
        return columns_table(columns, "a tuple of columns")
    if is_column(source):
        return rows_table(source, "a list", labelled=labelled)
    raise DataError(
        f"Expected {_FORMS}. Received: {type(source).__name__} {source!r:.80}"
    )


def columns_table(columns: Mapping, source: str) -> Table:
    """Returns the table of columns of equal length."""
    columns = {name: plain(column) for name, column in columns.items()}
    for name, column in columns.items():
        if not is_column(column):
            raise DataError(
                f"{source}: Expected a list for each column. Received: "
                f"{name!r} is {column!r:.80}"
            )
    lengths = {str(name): len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(
            f"{source}: Expected columns of equal length. Received: {lengths}. "
            "Make them equally long."
        )
    names = list(lengths)
    rows = (
        Row(number, dict(zip(names, cells, strict=True)))
        for number, cells in enumerate(zip(*columns.values(), strict=True))
    )
    return Table(source, names, rows)


def rows_table(items: Iterable, source: str, *, labelled: bool) -> Table:
    """Returns the table of texts or tuples, as the first item decides."""
    items = iter(items)
    first = next(items, _NOTHING)
    if first is _NOTHING:
        return Table(source, ["text", "label"], iter(()))
    names = tuple_columns(first, source, labelled=labelled)
    return Table(source, names, _rows([first], items, names))


def tuple_columns(item, source: str, *, labelled: bool) -> list[str]:
    """Returns the column names of an example given as a tuple."""
    if is_text(item) and not labelled:
        return ["text"]
    if is_text(item):
        raise DataError(
            f"{source}: Expected a label for each text. Received a text "
            f"without one: {item!r:.80}. Pass the labels too: (texts, labels)."
        )
    width = len(item) if isinstance(item, list | tuple) else 0
    if width == 2:
        return ["text", "label" if labelled else "text_b"]
    if width == 3:
        return ["text", "text_b", "label"]
    raise DataError(
        f"{source}, index 0: Expected {_FORMS}. Received an example of another "
        f"form: {item!r:.80}"
    )


def _frame_table(frame) -> Table:
    names = list(frame.columns)
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            "a data frame: Expected unique column names. Received more than "
            f"one of: {quoted(twice)}. Rename or drop the others."
        )
    columns = {name: list(frame[name]) for name in names}
    return columns_table(columns, "a data frame")


def _rows(head: list, rest: Iterator, names: list[str]) -> Iterator[Row]:
    for number, item in enumerate(itertools.chain(head, rest)):
        cells = _cells(item, len(names))
        if cells is None:
            yield Row(
                number,
                {},
                f"expected ({', '.join(names)}) as in the first example, "
                f"received {item!r:.80}",
            )
        else:
            yield Row(number, dict(zip(names, cells, strict=True)))


def _cells(item, width: int) -> Sequence | None:
    """Returns the cells of an example, `None` if their number is wrong."""
    if width == 1:
        return [item] if is_text(item) else None
    good = isinstance(item, list | tuple) and len(item) == width
    return item if good else None


def _has_weights(source) -> TypeGuard[tuple[Any, Any, Any]]:
    """Whether this is (texts, labels, weights), not three examples."""
    return (
        isinstance(source, tuple)
        and len(source) == 3
        and all(map(is_column, source))
        and all(isinstance(weight, int | float) for weight in plain(source[2]))
    )


def _name_columns(texts, last, labelled: bool) -> dict:
    if isinstance(texts, Mapping):
        return {**texts, "label" if labelled else "text_b": last}
    if isinstance(texts, tuple) and len(texts) == 2 and is_column(texts[0]):
        return {"text": texts[0], "text_b": texts[1], "label": last}
    return {"text": texts, "label" if labelled else "text_b": last}
