"""JSONL: a JSON object a line, its keys the columns."""

import itertools
import json
from collections.abc import Iterable

from bert_keras.data.errors import DataError, Problems
from bert_keras.data.table import Row, Table

_REMEDY = (
    "Write one JSON object a line, each with the same keys: "
    '{"text": "...", "label": "..."}'
)


def jsonl_table(lines: Iterable[str], source: str) -> Table:
    """Reads a JSON object from each line; blank lines are skipped.

    The keys of the first object are the columns. A label may be a string, a
    number, or a list of strings where an example has several labels.

    Args:
        lines: Lines of text.
        source: Name of the file in messages.

    Returns:
        A table that reads on as its rows are asked for.

    Raises:
        DataError: If no line holds a JSON object.

    Example:
        >>> lines = ['{"text": "fine", "label": ["a", "b"]}']
        >>> next(jsonl_table(lines, "a.jsonl").rows).cells
        {'text': 'fine', 'label': ['a', 'b']}
    """
    rows = (
        _row(number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    )
    bad = Problems()
    passed = []
    for row in rows:
        passed.append(row)
        if not row.problem:
            break
        bad.add(f"{source}:{row.number}", row.problem)
    else:
        bad.raise_if_any(expected="JSON objects", remedy=_REMEDY)
        raise DataError(
            f"{source}: Expected a JSON object a line. Received an empty file."
            f" {_REMEDY}"
        )
    return Table(
        source,
        columns=list(passed[-1].cells),
        rows=itertools.chain(passed, rows),
        is_file=True,
        remedy=_REMEDY,
    )


def _row(number: int, line: str) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Row(number, {}, f"broken JSON: {error}")
    if not isinstance(value, dict):
        return Row(number, {}, f"expected an object, received {line[:40]!r}")
    return Row(number, value)
