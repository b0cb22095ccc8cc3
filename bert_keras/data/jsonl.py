"""JSONL: one JSON object per line, whose keys are the columns."""

import itertools
import json
from collections.abc import Iterable

from bert_keras.data.errors import BadRows, DataError
from bert_keras.data.table import Row, Table

_REMEDY = (
    "Write one JSON object per line, all with the same keys: "
    '{"text": "...", "label": "..."}'
)


def jsonl_table(lines: Iterable[str], source: str) -> Table:
    """Reads a JSON object from each line; blank lines are skipped.

    The keys of the first object are the columns. A label may be a string, a
    number or, if examples have several labels, a list of strings.

    Args:
        lines: Lines of text.
        source: Name of the file in messages.

    Returns:
        A table that reads its rows lazily.

    Raises:
        DataError: If no line contains a JSON object.

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
    bad = BadRows()
    passed = []
    for row in rows:
        passed.append(row)
        if not row.fault:
            break
        bad.add(f"{source}:{row.number}", row.fault)
    else:
        bad.raise_if_any(expected="JSON objects", remedy=_REMEDY)
        raise DataError(
            f"{source}: Expected JSON objects. Received an empty file."
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
