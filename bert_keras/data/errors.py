"""Bad input data: one exception, and one way to report many bad rows."""

_SHOWN = 5


class DataError(ValueError):
    """Input data that cannot be used as it is.

    The message says what was expected, what was received (with file and line
    where there is one) and what to do next.
    """


class Problems:
    """Collects bad rows, so that one error reports all of them.

    Fixing a file row by row, one run for each, is no way to spend a day. The
    first five rows are shown; the rest is counted, not stored.

    Example:
        >>> problems = Problems()
        >>> problems.add("train.tsv:17", "an empty label")
        >>> problems.raise_if_any(expected="a label", remedy="Add it.")
        Traceback (most recent call last):
        ...
        bert_keras.data.errors.DataError: Expected a label. Received 1 bad row:
          train.tsv:17: an empty label
        Add it.
    """

    def __init__(self):
        self._shown = []
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether another row would only be counted, its text not shown."""
        return self._count >= _SHOWN

    def add(self, place: str, what: str) -> None:
        """Records that the row at `place` is bad because of `what`."""
        if not self.full:
            self._shown.append(f"  {place}: {what}")
        self._count += 1

    def raise_if_any(self, *, expected: str, remedy: str) -> None:
        """Raises one `DataError` about every row added, if there is one."""
        if self._count:
            text = self.summary(f"Expected {expected}. Received")
            raise DataError(f"{text}\n{remedy}")

    def summary(self, opening: str) -> str:
        """Returns how many rows are bad, and the first of them."""
        rows = "row" if self._count == 1 else "rows"
        lines = [f"{opening} {self._count:,} bad {rows}:", *self._shown]
        if self._count > _SHOWN:
            lines.append(f"  ... and {self._count - _SHOWN:,} more")
        return "\n".join(lines)


def quoted(names) -> str:
    """Returns names as they should stand in a message: `'a', 'b'`."""
    return ", ".join(map(repr, names)) or "none"
