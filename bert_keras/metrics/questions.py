"""The report on answers to questions: figures, by length and by kind."""

import re
from collections.abc import Sequence

import numpy as np

from bert_keras.metrics.squad import (
    best_of,
    best_threshold,
    exact_match,
    squad_metrics,
    token_f1,
)

# Words of a context, up to which it belongs to a group.
_LENGTHS = (100, 200, 400, 800)
_MONTH = (
    r"\b(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December)\b"
)
_DATE = re.compile(rf"{_MONTH}|\b1\d\d\ds?\b|\b20\d\ds?\b|centur|\bB\.?C\b")
_PHRASE_WORDS = 4


def question_metrics(
    contexts: Sequence[str],
    truths: Sequence[Sequence[str]],
    answers: Sequence[str],
    *,
    best: Sequence[str],
    no_answer_scores: Sequence[float],
) -> dict:
    """Measures answers to questions.

    Args:
        contexts: The text of each question.
        truths: All true answers of each; none if it has none.
        answers: What a model answers; `""` for none.
        best: Its best answers, given if none is withheld.
        no_answer_scores: How likely each question has no answer, from 0 to 1.

    Returns:
        `examples`, `exact_match` and `f1`, from 0 to 1; `by_length` and
        `by_type`, the same by the words of the context and by the kind of the
        first true answer. If some questions have no answer, also
        `answered_f1` of those that have, `unanswered_accuracy` of those that
        have none, and `best_f1` with `best_threshold`, what could be reached
        on these data.

    Example:
        >>> found = question_metrics(
        ...     ["It was 1815."], [["1815"]], ["1815"],
        ...     best=["1815"], no_answer_scores=[0.1],
        ... )
        >>> found["f1"], found["by_type"]
        (1.0, {'date': {'examples': 1, 'exact_match': 1.0, 'f1': 1.0}})
    """
    found = squad_metrics(truths, answers)
    answerable = np.array([bool(right) for right in truths])
    if not answerable.all():
        found |= _with_unanswerable(
            truths, answers, best, no_answer_scores, answerable
        )
    groups = {
        "by_length": [_length(context) for context in contexts],
        "by_type": [answer_type(right[0] if right else "") for right in truths],
    }
    orders = {"by_length": _length_names(), "by_type": _TYPES}
    for name, kinds in groups.items():
        found[name] = {
            kind: squad_metrics(
                *zip(
                    *(
                        (right, answer)
                        for right, answer, its in zip(
                            truths, answers, kinds, strict=True
                        )
                        if its == kind
                    ),
                    strict=True,
                )
            )
            for kind in orders[name]
            if kind in kinds
        }
    return found


def _with_unanswerable(truths, answers, best, none, answerable) -> dict:
    f1 = np.array(
        [
            best_of(token_f1, answer, right)
            for answer, right in zip(answers, truths, strict=True)
        ]
    )
    scores = [
        best_of(token_f1, answer, right)
        for answer, right in zip(best, truths, strict=True)
    ]
    threshold, reached = best_threshold(none, scores, answerable)
    found = {
        "unanswered_accuracy": float(f1[~answerable].mean()),
        "best_f1": reached,
        "best_threshold": threshold,
    }
    if answerable.any():
        found = {"answered_f1": float(f1[answerable].mean())} | found
    return found


_TYPES = ("none", "date", "number", "name", "phrase", "clause")


def answer_type(answer: str) -> str:
    """Returns what kind of answer this is, judged by its form.

    | kind | example |
    |---|---|
    | `none` | (no answer) |
    | `date` | `May 1815`, `the 1920s`, `10th century` |
    | `number` | `three hundred` has no digit: `phrase`; `300 km`: `number` |
    | `name` | `the Norman Conquest`: a capital in each longer word |
    | `phrase` | `steam turbines`: up to four words |
    | `clause` | more |

    Example:
        >>> [answer_type(a) for a in ("in 1815", "20%", "Ada Lovelace", "")]
        ['date', 'number', 'name', 'none']
    """
    if not answer:
        return "none"
    if _DATE.search(answer):
        return "date"
    if re.search(r"\d", answer):
        return "number"
    words = answer.split()
    # Short words, such as "of" and "the", are small in names as well.
    long = [word for word in words if len(word) > 3] or words
    if all(word.lstrip("\"'(“‘")[:1].isupper() for word in long):
        return "name"
    return "phrase" if len(words) <= _PHRASE_WORDS else "clause"


def _length_names() -> list[str]:
    names = [f"up to {most} words" for most in _LENGTHS]
    return [*names, f"over {_LENGTHS[-1]} words"]


def _length(context: str) -> str:
    words = len(context.split())
    place = sum(words > most for most in _LENGTHS)
    return _length_names()[place]


def question_mistakes(
    questions: Sequence[str],
    truths: Sequence[Sequence[str]],
    answers: Sequence[str],
    scores: Sequence[float],
    *,
    limit: int = 200,
) -> list[dict]:
    """Returns the wrong answers, the farthest off and most certain first.

    Args:
        questions: Those asked.
        truths: All true answers of each; none if it has none.
        answers: What a model answers; `""` for none.
        scores: How certain it is.
        limit: Most rows to return.

    Returns:
        Rows with `index` (position of the example, from 0), `question`,
        `answer` (the true ones), `predicted`, `f1` and `score`.

    Example:
        >>> question_mistakes(["Who?"], [["Ada"]], ["Bob"], [0.5])[0]["answer"]
        'Ada'
    """
    rows = [
        {
            "index": index,
            "question": question,
            "answer": " | ".join(dict.fromkeys(right)),
            "predicted": answer,
            "f1": best_of(token_f1, answer, right),
            "score": float(score),
        }
        for index, (question, right, answer, score) in enumerate(
            zip(questions, truths, answers, scores, strict=True)
        )
        if not best_of(exact_match, answer, right)
    ]
    return sorted(rows, key=lambda row: (row["f1"], -row["score"]))[:limit]
