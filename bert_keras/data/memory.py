"""Data that is in memory already: lists, dicts, data frames."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bert_keras.data.errors import DataError, quoted
from bert_keras.data.table import Row, Table

_FORMS = (
    "a list of texts, a list of (text, label) or (text, text_b, label), "
    "(texts, labels), ((texts, texts_b), labels), a dict of columns, a data "
    "frame, a tf.data.Dataset or a path"
)


def memory_table(source, *, labelled: bool) -> Table:
    """Reads a list, a tuple of columns, a dict of columns or a data frame.

    | source                             | with `labelled`  | without        |
    |------------------------------------|------------------|----------------|
    | `["a", "b"]`                       | no label: error  | two texts      |
    | `[("a", "x"), ("b", "y")]`         | texts, labels    | two pairs      |
    | `[("a", "b", "x")]`                | a labelled pair  | a pair         |
    | `(["a", "b"], ["x", "y"])`         | texts, labels    | two pairs      |
    | `((["a"], ["b"]), ["x"])`          | a labelled pair  | a pair         |
    | `{"text": [...], "label": [...]}`  | columns by name  | the same       |

    Args:
        source: One of the above, or a pandas data frame.
        labelled: Whether labels are wanted.

    Returns:
        A table whose rows are numbered from 0.

    Raises:
        DataError: If `source` is none of the above, or columns differ in
            length.
    """
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        return _frame_table(source)
    if isinstance(source, Mapping):
        return columns_table(source, "a dict")
    if isinstance(source, tuple) and len(source) == 2 and _is_column(source[1]):
        return columns_table(
            _name_columns(source, labelled), "a tuple of columns"
        )
    if _is_column(source):
        return rows_table(source, "a list", labelled=labelled)
    raise DataError(
        f"Expected {_FORMS}. Received: {type(source).__name__} {source!r:.80}"
    )


def columns_table(columns: Mapping, source: str) -> Table:
    """Returns the table of columns of equal length."""
    for name, column in columns.items():
        if not _is_column(column):
            raise DataError(
                f"{source}: Expected a list for each column. Received: "
                f"{name!r} is {column!r:.80}"
            )
    lengths = {str(name): len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(
            f"{source}: Expected columns of equal length. Received: {lengths}. "
            "Check how they were made."
        )
    names = list(lengths)
    rows = (
        Row(number, dict(zip(names, cells, strict=True)))
        for number, cells in enumerate(zip(*columns.values(), strict=True))
    )
    return Table(source, names, rows)


def rows_table(items: Iterable, source: str, *, labelled: bool) -> Table:
    """Returns the table of texts or of tuples, told apart by the first."""
    items = iter(items)
    first = next(items, None)
    if first is None:
        return Table(source, ["text", "label"], iter(()))
    names = tuple_columns(first, source, labelled=labelled)
    return Table(source, names, _rows([first], items, names))


def tuple_columns(item, source: str, *, labelled: bool) -> list[str]:
    """Returns what the parts of an example are, for one given by position."""
    if _is_text(item) and not labelled:
        return ["text"]
    if _is_text(item):
        raise DataError(
            f"{source}: Expected a label with each text. Received a text "
            f"alone: {item!r:.80}. Give (text, label)."
        )
    width = len(item) if isinstance(item, list | tuple) else 0
    if width == 2:
        return ["text", "label" if labelled else "text_b"]
    if width == 3:
        return ["text", "text_b", "label"]
    raise DataError(
        f"{source}: Expected {_FORMS}. Received an example of another form: "
        f"{item!r:.80}"
    )


def _frame_table(frame) -> Table:
    names = list(frame.columns)
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            "a data frame: Expected columns of different names. Received "
            f"more than one of: {quoted(twice)}. Rename or drop the others."
        )
    columns = {name: list(frame[name]) for name in names}
    return columns_table(columns, "a data frame")


def _rows(head: list, rest: Iterator, names: list[str]) -> Iterator[Row]:
    for number, item in enumerate(itertools.chain(head, rest)):
        cells = [item] if len(names) == 1 else item
        if _is_text(item) != (len(names) == 1) or len(cells) != len(names):
            yield Row(
                number,
                {},
                f"expected ({', '.join(names)}) as in the first example, "
                f"received {item!r:.80}",
            )
        else:
            yield Row(number, dict(zip(names, cells, strict=True)))


def _name_columns(source: tuple, labelled: bool) -> dict:
    texts, last = source
    if isinstance(texts, tuple) and len(texts) == 2 and _is_column(texts[0]):
        return {"text": texts[0], "text_b": texts[1], "label": last}
    return {"text": texts, "label" if labelled else "text_b": last}


def _is_text(value) -> bool:
    return isinstance(value, str | bytes)


def _is_column(value) -> bool:
    """Whether this is a sequence that is not itself one text."""
    if _is_text(value):
        return False
    return isinstance(value, Sequence) or hasattr(value, "tolist")
