"""Questions, their contexts and answers: what readers of such data return."""

import dataclasses
from typing import NamedTuple

import numpy as np


class Answer(NamedTuple):
    """A true answer: `context[start : start + len(text)] == text`."""

    text: str
    start: int


@dataclasses.dataclass(frozen=True)
class QuestionExamples:
    """Questions about texts, held in memory.

    Attributes:
        questions: One for each example.
        contexts: The text in which each answer is looked for.
        answers: All true answers of each question, none if its context holds
            none. `None` if the examples are unlabelled.
        source: File name, or a description such as `a list`.
        places: Where each example is, for messages: a line of the file, the
            id of a question, or an index.
        left_out: Questions that were bad, and left out as asked.
        repaired: Questions that were bad, and repaired as asked.
        weights: How much each question counts in the loss, float32
            [examples]; `None` if all count alike.
    """

    questions: list[str]
    contexts: list[str]
    answers: list[list[Answer]] | None = None
    source: str = "a list"
    places: list[str] | None = None
    left_out: int = 0
    repaired: int = 0
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.questions)

    def where(self, index: int) -> str:
        """Returns the place of example `index` (0-based) for a message."""
        if self.places is None:
            return f"{self.source}, index {index}"
        return self.places[index]


def checked_answers(
    context: str, given: list
) -> tuple[list[Answer], list[str], bool]:
    """Finds answers in their context.

    An answer without a start is looked for; one that does not stand where it
    should is moved to the nearest place where it does.

    Args:
        context: The text.
        given: (text, start) of each answer; a start may be `None`.

    Returns:
        The answers that are part of the context; what is wrong with those
        given; and whether any can be used.

    Example:
        >>> checked_answers("a cat, a dog", [("dog", 0), ("cow", None)])
        ([Answer(text='dog', start=9)], ["'dog' does not stand at 0 (nearest: \
9)", "'cow' does not occur in the context"], True)
    """
    kept, faults = [], []
    for text, start in given:
        if not text.strip():
            faults.append(f"{text[:40]!r} is empty")
            continue
        if start is not None and start >= 0 and context.startswith(text, start):
            kept.append(Answer(text, start))
            continue
        found = _nearest(context, text, start or 0)
        if found is None:
            faults.append(f"{text[:40]!r} does not occur in the context")
            continue
        if start is not None:
            faults.append(
                f"{text[:40]!r} does not stand at {start} (nearest: {found})"
            )
        kept.append(Answer(text, found))
    return kept, faults, bool(kept)


def _nearest(context: str, text: str, start: int) -> int | None:
    """Returns where a text occurs closest to a place, if it does at all."""
    start = min(max(start, 0), len(context))
    before = context.rfind(text, 0, start + len(text))
    after = context.find(text, start)
    places = [place for place in (before, after) if place >= 0]
    return min(places, key=lambda at: abs(at - start), default=None)
