"""Bad input data: one exception, and one report about all bad rows."""

_SHOWN = 5


class DataError(ValueError):
    """Input data that cannot be used as it is.

    The message says what was expected, what was received (with file and line
    if there is one) and what to do next.
    """


class BadRows:
    """Collects bad rows, so that one error reports all of them.

    Nobody should need one run per bad row to fix a file. The first five rows
    are shown; the others are counted, not stored.

    Example:
        >>> bad = BadRows()
        >>> bad.add("train.tsv:17", "an empty label")
        >>> bad.raise_if_any(expected="a label", remedy="Add it.")
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
        """Whether further rows are only counted, not shown."""
        return self._count >= _SHOWN

    def add(self, location: str, what: str) -> None:
        """Records why the row at `location` is bad."""
        if not self.full:
            self._shown.append(f"  {location}: {what}")
        self._count += 1

    def raise_if_any(self, *, expected: str, remedy: str) -> None:
        """Raises one `DataError` about all rows added, if there are any."""
        if self._count:
            text = self.summary(f"Expected {expected}. Received")
            raise DataError(f"{text}\n{remedy}")

    def summary(self, opening: str) -> str:
        """Returns how many rows are bad, and the first five of them."""
        rows = "row" if self._count == 1 else "rows"
        lines = [f"{opening} {self._count:,} bad {rows}:", *self._shown]
        if self._count > _SHOWN:
            lines.append(f"  ... and {self._count - _SHOWN:,} more")
        return "\n".join(lines)


def quoted(names) -> str:
    """Returns names formatted for a message: `'a', 'b'`."""
    return ", ".join(map(repr, names)) or "none"
