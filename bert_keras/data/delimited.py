"""TSV and CSV: a header line, then one row per example.

They differ in what quotes mean. In TSV, as GLUE ships it, quotes are plain
characters and a row is a line. In CSV (RFC 4180) a quoted cell may contain
commas, newlines and doubled quotes, so a row may span several lines.
"""

import csv
from collections.abc import Iterable, Iterator

from bert_keras.data.errors import DataError, quoted
from bert_keras.data.table import Row, Table

_Cells = tuple[int, list[str]]  # the line on which a row starts, its cells

_TSV_REMEDY = (
    "Give every row as many cells as the header. In TSV quotes are plain "
    "characters: a text with tabs or newlines in it needs CSV or JSONL."
)
_CSV_REMEDY = (
    "Give every row as many cells as the header. In CSV a text with commas or "
    'newlines in it needs double quotes around it: "one, two".'
)


def tsv_table(lines: Iterable[str], source: str) -> Table:
    """Reads tab-separated lines, the first of which names the columns.

    Blank lines are skipped; a row with an empty text needs its other cells.

    Args:
        lines: Lines with their line ends.
        source: Name of the file in messages.

    Returns:
        A table that reads its rows lazily.

    Raises:
        DataError: If there is no header.

    Example:
        >>> table = tsv_table(["text\\tlabel\\n", 'a "b"\\t1\\n'], "a.tsv")
        >>> next(table.rows).cells
        {'text': 'a "b"', 'label': '1'}
    """
    return _table(_split_lines(lines, source), source, _TSV_REMEDY)


def csv_table(lines: Iterable[str], source: str) -> Table:
    """Reads comma-separated lines, the first of which names the columns.

    Like `tsv_table`, but with quoted cells.

    Example:
        >>> table = csv_table(["text,label\\n", '"a, b",1\\n'], "a.csv")
        >>> next(table.rows).cells
        {'text': 'a, b', 'label': '1'}
    """
    return _table(_parse_csv(lines, source), source, _CSV_REMEDY)


def _table(cells: Iterator[_Cells], source: str, remedy: str) -> Table:
    _, header = next(cells, (0, []))
    columns = [name.strip() for name in header]
    if not columns:
        raise DataError(
            f"{source}: Expected a header line that names the columns. "
            "Received an empty file. Check that it was written completely."
        )
    rows = (_row(number, row, columns) for number, row in cells)
    return Table(source, columns, rows, is_file=True, remedy=remedy)


def _row(number: int, cells: list[str], columns: list[str]) -> Row:
    if len(cells) == len(columns):
        return Row(number, dict(zip(columns, cells, strict=True)))
    return Row(
        number,
        {},
        f"expected {len(columns)} cells ({quoted(columns)}), received "
        f"{len(cells)}",
    )


def _split_lines(lines: Iterable[str], source: str) -> Iterator[_Cells]:
    for number, line in enumerate(lines, start=1):
        line = line.removesuffix("\n").removesuffix("\r")
        if number == 1 and "\r" in line:
            raise DataError(
                f"{source}:1: Expected lines that end in a newline. Received "
                "carriage returns only. Convert it: tr '\\r' '\\n' < OLD > NEW"
            )
        if line:
            yield number, line.split("\t")


def _parse_csv(lines: Iterable[str], source: str) -> Iterator[_Cells]:
    # Without `strict`, an unclosed quote would swallow the rest of the file.
    reader = csv.reader(lines, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{source}:{start}: Expected a row of comma-separated cells. "
            f"Received: {error}. {_csv_advice(str(error))}"
        ) from None


def _csv_advice(error: str) -> str:
    if "unexpected end of data" in error:
        return "A quote that opens in this row is never closed. Close it."
    if "field larger than" in error:
        return (
            "Most likely a quote that opens in this row is never closed. If a "
            "text really is that long, write the file as JSONL."
        )
    return 'Double the quotes inside a quoted cell: "she said ""yes""".'
