"""What becomes of bad rows: all refused, left out, or repaired."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bert_keras.data.errors import Problems

BAD_ROWS = ("refuse", "skip", "repair")

logger = logging.getLogger(__name__)


class Checked(NamedTuple):
    """An example as it was read, and what is wrong with it.

    Attributes:
        place: Where it is, for messages.
        example: What was read, repaired if need be.
        faults: What is wrong; empty if nothing is.
        usable: Whether it can be used once repaired.
    """

    place: str
    example: Any
    faults: Sequence[str] = ()
    usable: bool = True


class Kept(NamedTuple):
    """The examples that are used, and how many were bad."""

    examples: list
    left_out: int
    repaired: int


def check_bad_rows(bad_rows: str) -> None:
    """Raises unless this is one of `BAD_ROWS`.

    Raises:
        ValueError: If it is none.
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
        expected: What good rows are, for the message.
        remedy: What to do about bad ones.

    Raises:
        DataError: If rows are bad and `bad_rows` is `"refuse"`.

    Example:
        >>> rows = [Checked("a.txt:1", "fine"), Checked("a.txt:2", "", ["no"])]
        >>> rules = {"expected": "words", "remedy": "Write some."}
        >>> keep(rows[:1], "a.txt", bad_rows="refuse", **rules)
        Kept(examples=['fine'], left_out=0, repaired=0)
    """
    problems, examples = Problems(), []
    left_out = repaired = 0
    for row in rows:
        for fault in row.faults:
            problems.add(row.place, fault)
        if row.faults and not (row.usable and bad_rows == "repair"):
            left_out += 1
        else:
            repaired += bool(row.faults)
            examples.append(row.example)
    if bad_rows == "refuse":
        problems.raise_if_any(expected=expected, remedy=remedy)
    if left_out or repaired:
        done = "Left out"
        if bad_rows == "repair":
            done = f"Repaired {repaired:,}, left out {left_out:,}. Found"
        logger.warning("%s: %s", source, problems.summary(done))
    return Kept(examples, left_out, repaired)
