"""Bad rows of a source: refused, skipped or repaired."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bert_keras.data.errors import BadRows

BAD_ROWS = ("refuse", "skip", "repair")

logger = logging.getLogger(__name__)


class Checked(NamedTuple):
    """An example that was read, and what is wrong with it.

    Attributes:
        location: Where it is in the source, for messages.
        example: The example, repaired if necessary.
        faults: What is wrong with the row; empty if nothing is.
        usable: Whether the repaired example can be used.
    """

    location: str
    example: Any
    faults: Sequence[str] = ()
    usable: bool = True


class Kept(NamedTuple):
    """The examples to use, and how many rows were bad."""

    examples: list
    left_out: int
    repaired: int


def check_bad_rows(bad_rows: str) -> None:
    """Raises unless this is one of `BAD_ROWS`.

    Raises:
        ValueError: If it is not.
    """
    if bad_rows not in BAD_ROWS:
        raise ValueError(
            f"Expected `bad_rows` to be {', '.join(BAD_ROWS)}. Received: "
            f"bad_rows={bad_rows!r}"
        )


def keep(
    rows: Iterable[Checked],
    source: str,
    *,
    bad_rows: str,
    expected: str,
    remedy: str,
) -> Kept:
    """Returns the examples to use, and logs how many rows were bad.

    Args:
        rows: All rows of the source.
        source: Its name in messages.
        bad_rows: One of `BAD_ROWS`.
        expected: Description of good rows, for the message.
        remedy: Advice on what to do about bad ones.

    Raises:
        DataError: If rows are bad and `bad_rows` is `"refuse"`.

    Example:
        >>> rows = [Checked("a.txt:1", "fine"), Checked("a.txt:2", "", ["no"])]
        >>> rules = {"expected": "words", "remedy": "Write some."}
        >>> keep(rows[:1], "a.txt", bad_rows="refuse", **rules)
        Kept(examples=['fine'], left_out=0, repaired=0)
    """
    bad, examples = BadRows(), []
    left_out = repaired = 0
    for row in rows:
        for fault in row.faults:
            bad.add(row.location, fault)
        if row.faults and not (row.usable and bad_rows == "repair"):
            left_out += 1
        else:
            repaired += bool(row.faults)
            examples.append(row.example)
    if bad_rows == "refuse":
        bad.raise_if_any(expected=expected, remedy=remedy)
    if left_out or repaired:
        done = "Left out"
        if bad_rows == "repair":
            done = f"Repaired {repaired:,}, left out {left_out:,}. Found"
        logger.warning("%s: %s", source, bad.summary(done))
    return Kept(examples, left_out, repaired)
