"""Rows with named columns: what each source is turned into.

source -> Table (columns, rows) -> choice of columns -> texts and labels
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from bert_keras.data.columns import Columns
from bert_keras.data.errors import BadRows, DataError
from bert_keras.data.examples import Examples
from bert_keras.data.weights import as_weight, weight_array


class Row(NamedTuple):
    """One row of a table.

    Attributes:
        number: The 1-based line on which the row starts if the table is a
            file, otherwise the 0-based position.
        cells: Values by column name.
        fault: Why the row cannot be read; empty if it can.
    """

    number: int
    cells: dict
    fault: str = ""


@dataclass(frozen=True)
class Table:
    """Named columns and their rows, which are read lazily.

    Attributes:
        source: File name, or a description such as `a list`.
        columns: Column names in the order of the source.
        rows: The rows; can be consumed once.
        is_file: Whether rows are numbered by line.
        remedy: Advice on what to do about a row that cannot be read.
    """

    source: str
    columns: list[str]
    rows: Iterator[Row]
    is_file: bool = False
    remedy: str = "Correct these rows or leave them out."

    def location(self, row: Row) -> str:
        """Returns where `row` is, for a message."""
        if self.is_file:
            return f"{self.source}:{row.number}"
        return f"{self.source}, index {row.number}"


def take(row: Row, columns: Columns) -> tuple:
    """Returns the (text, text_b, label, weight) of a row.

    Columns that are not read are `None`.

    Raises:
        DataError: If the row is bad; the message does not say where it is.
    """
    if row.fault:
        raise DataError(row.fault)
    for name in columns:
        if name is not None and name not in row.cells:
            raise DataError(f"no {name!r} in this row")
    text = _text(row.cells[columns.text])
    text_b = label = weight = None
    if columns.text_b is not None:
        text_b = _text(row.cells[columns.text_b])
    if columns.label is not None:
        label = _label(row.cells[columns.label])
    if columns.weight is not None:
        weight = as_weight(row.cells[columns.weight])
    return text, text_b, label, weight


def add_columns(table: Table, added: Mapping[str, list]) -> Table:
    """Returns a table with additional columns.

    Args:
        table: The table; its rows are read into memory.
        added: A value for each row, by column name.

    Raises:
        DataError: If the table has such a column already, or lengths differ.
    """
    rows = list(table.rows)
    for name, values in added.items():
        if name in table.columns:
            raise DataError(
                f"{table.source}: Expected one {name!r} for each text. "
                f"Received a column {name!r} and separate values. Leave one "
                "of them out."
            )
        if len(values) != len(rows):
            raise DataError(
                f"{table.source}: Expected one {name!r} for each text. "
                f"Received {len(rows):,} texts and {len(values):,} of "
                f"{name!r}. Make them equally long."
            )
    cells = [
        dict(zip(added, values, strict=True))
        for values in zip(*added.values(), strict=True)
    ]
    return replace(
        table,
        columns=[*table.columns, *added],
        rows=(
            row._replace(cells=row.cells | more)
            for row, more in zip(rows, cells, strict=True)
        ),
    )


def collect(table: Table, columns: Columns) -> Examples:
    """Reads all rows of a table into memory.

    Raises:
        DataError: If rows are bad; one message reports all of them.
    """
    bad = BadRows()
    numbers, taken = [], []
    for row in table.rows:
        try:
            taken.append(take(row, columns))
            numbers.append(row.number)
        except DataError as error:
            bad.add(table.location(row), str(error))
    bad.raise_if_any(expected="readable rows", remedy=table.remedy)
    texts, texts_b, labels, weights = (
        zip(*taken, strict=True) if taken else [()] * 4
    )
    return Examples(
        texts=list(texts),
        texts_b=None if columns.text_b is None else list(texts_b),
        labels=None if columns.label is None else list(labels),
        source=table.source,
        lines=numbers if table.is_file else None,
        weights=weight_array(weights, table.source),
    )


def _text(value) -> str:
    """Returns a cell as text that can be encoded as UTF-8."""
    value = _python(value)
    if not isinstance(value, str):
        raise DataError(f"expected a text, received {value!r:.80}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        # JSON can contain a lone surrogate, which no encoder accepts.
        raise DataError(f"a lone surrogate in {value!r:.80}") from None
    return value


def _label(value):
    """Returns a cell as a label: string, number, list of strings, or ""."""
    value = _python(value)
    if isinstance(value, list | tuple):
        names = [_python(name) for name in value]
        if not all(isinstance(name, str) for name in names):
            raise DataError(
                "expected label names if a row has several labels, received "
                f"{value!r:.80} (if it is one-hot, pass its argmax)"
            )
        return names
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if not isinstance(value, str | int | float):
        raise DataError(f"expected a label, received {value!r:.80}")
    return value


def _python(value):
    """Returns a NumPy or pandas scalar or array as plain Python values."""
    if isinstance(value, bytes):
        return _decoded(value)
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "tolist"):  # a NumPy scalar or array
        return _python(value.tolist())
    # pandas.NA and NaT are recognized by name, without importing pandas.
    return None if type(value).__name__ in ("NAType", "NaTType") else value


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(f"bytes that are not UTF-8: {value[:40]!r}") from None
