"""Questions, their contexts and answers: what `read_questions` returns."""

import dataclasses
from typing import NamedTuple

import numpy as np

from bert_keras.data.errors import DataError


class Answer(NamedTuple):
    """A correct answer: `context[start : start + len(text)] == text`."""

    text: str
    start: int


@dataclasses.dataclass(frozen=True)
class QuestionExamples:
    """Questions about texts, held in memory.

    Attributes:
        questions: The question of each example.
        contexts: The text to find each answer in.
        answers: All correct answers to each question, an empty list if the
            context has none. `None` if the examples are unlabelled.
        source: File name, or a description such as `a list`.
        locations: Where each example is, for messages: a line of the file,
            the id of a question, or an index.
        left_out: Number of bad questions that were left out.
        repaired: Number of bad questions that were repaired.
        weights: Sample weight of each question, float32 [examples]; `None` if
            there are none.
    """

    questions: list[str]
    contexts: list[str]
    answers: list[list[Answer]] | None = None
    source: str = "a list"
    locations: list[str] | None = None
    left_out: int = 0
    repaired: int = 0
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.questions)

    def where(self, index: int) -> str:
        """Returns where example `index` (0-based) is, for a message."""
        if self.locations is None:
            return f"{self.source}, index {index}"
        return self.locations[index]

    def require_answers(self) -> list[list[Answer]]:
        """Returns the correct answers to each question.

        Raises:
            DataError: If the examples are unlabelled.
        """
        if self.answers is None:
            raise DataError(
                f"{self.source}: Expected labelled examples. Received "
                "questions without answers. Give answers with them, as in "
                "`bert_keras.data.read_questions`."
            )
        return self.answers


def checked_answers(
    context: str, given: list
) -> tuple[list[Answer], list[str], bool]:
    """Finds answers in their context.

    An answer without a start is searched for; one that does not occur at its
    start is moved to the nearest occurrence.

    Args:
        context: The text.
        given: (text, start) of each answer; a start may be `None`.

    Returns:
        The answers found in the context; what is wrong with the given ones;
        and whether any can be used.

    Example:
        >>> checked_answers("a cat, a dog", [("dog", 0), ("cow", None)])
        ([Answer(text='dog', start=9)], ["'dog' does not occur at 0 (nearest: \
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
                f"{text[:40]!r} does not occur at {start} (nearest: {found})"
            )
        kept.append(Answer(text, found))
    return kept, faults, bool(kept)


def _nearest(context: str, text: str, start: int) -> int | None:
    """Returns the occurrence of a text nearest to `start`, if there is one."""
    start = min(max(start, 0), len(context))
    before = context.rfind(text, 0, start + len(text))
    after = context.find(text, start)
    found = [position for position in (before, after) if position >= 0]
    return min(found, key=lambda at: abs(at - start), default=None)
