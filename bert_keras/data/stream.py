"""Texts one at a time, from files of any size."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from bert_keras.data.columns import choose_columns
from bert_keras.data.errors import DataError
from bert_keras.data.files import decode_lines, find_file, read_lines
from bert_keras.data.read import FORMATS, file_format
from bert_keras.data.table import take


def stream_texts(
    source: str | Path | TextIO,
    *,
    text: str | None = None,
    text_b: str | None = None,
    format: str | None = None,
) -> Iterator[tuple[str, str | None]]:
    """Yields texts while reading, with one row in memory at a time.

    In a `.txt` file and in an open stream each line is a text, blank lines
    included, so that line n of the output belongs to line n of the input.
    Labels in a table are ignored.

    Args:
        source: A path to `.tsv`, `.csv`, `.jsonl` or `.txt` (`.gz` may
            follow), a `pkg://` handle, or an open stream such as `sys.stdin`.
        text: Name of the text column; detected if `None`.
        text_b: Name of the column of second texts; detected with `text`. It
            may also contain integers, such as word indices.
        format: `tsv`, `csv`, `jsonl` or `txt`, for a stream or a file with
            another extension.

    Yields:
        (text, text_b), where text_b is `None` for single texts.

    Raises:
        DataError: At the first bad row, after yielding those before it.

    Example:
        >>> import io
        >>> list(stream_texts(io.StringIO("a fine film\\ndull\\n")))
        [('a fine film', None), ('dull', None)]
    """
    lines, name, format = _open(source, format)
    if format == "txt":
        if text or text_b:
            raise DataError(
                f"{name}: Expected a table with named columns. Received plain "
                "lines of text. If it is a table, pass its format: "
                "format='tsv', 'csv' or 'jsonl'."
            )
        for line in lines:
            yield line.removesuffix("\n").removesuffix("\r"), None
        return
    table = FORMATS[format](lines, name)
    columns = choose_columns(
        table.columns, name, text=text, text_b=text_b, labelled=False
    )._replace(weight=None)
    for row in table.rows:
        number = row.cells.get(columns.text_b)
        if isinstance(number, int) and not isinstance(number, bool):
            row.cells[columns.text_b] = str(number)
        try:
            first, second, *_ = take(row, columns)
        except DataError as error:
            raise DataError(
                f"{table.location(row)}: {error}. {table.remedy}"
            ) from None
        yield first, second


def _open(source, format: str | None) -> tuple[Iterable[str], str, str]:
    """Returns the lines of a source, its name and its format."""
    if isinstance(source, str | Path):
        path = find_file(source)
        name = str(source)
        format = format or file_format(path)
        lines = read_lines(path, name)
    else:
        name = str(getattr(source, "name", "a stream"))
        format = format or "txt"
        # How stdin is decoded depends on the locale; its bytes do not.
        binary = getattr(source, "buffer", None)
        lines = source if binary is None else decode_lines(binary, name)
    if format not in (*FORMATS, "txt"):
        raise DataError(
            f"{name}: Expected one of the formats {', '.join(FORMATS)}, txt. "
            f"Received: {format!r}. Rename the file, or pass its format."
        )
    return lines, name, format
