"""Metrics of answers to questions: overall, by length and by type."""

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

# Upper bounds of the groups of contexts, in words.
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
    """Evaluates answers to questions.

    Args:
        contexts: The context of each question.
        truths: All correct answers to each question, empty if it has none.
        answers: The predicted answers; `""` for no answer.
        best: The best span for each question, even if it was not answered.
        no_answer_scores: Predicted probability that each question has no
            answer.

    Returns:
        `examples`, `exact_match` and `f1`, from 0 to 1; `by_length` and
        `by_type`, the same by the words in the context and by the type of the
        first correct answer. If some questions have no answer, also
        `answered_f1` of those that have one, `unanswered_accuracy` of those
        that have none, and `best_f1`, which `best_threshold` would give on
        this data.

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
    """Returns the type of an answer, judged by its form.

    | type | example |
    |---|---|
    | `none` | (no answer) |
    | `date` | `May 1815`, `the 1920s`, `10th century` |
    | `number` | `300 km`; not `three hundred`, which has no digit |
    | `name` | `the Norman Conquest`: all longer words are capitalized |
    | `phrase` | `steam turbines`: up to four words |
    | `clause` | more words |

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
    # Short words, such as "of" and "the", are lower case in names too.
    long = [word for word in words if len(word) > 3] or words
    if all(word.lstrip("\"'(“‘")[:1].isupper() for word in long):
        return "name"
    return "phrase" if len(words) <= _PHRASE_WORDS else "clause"


def _length_names() -> list[str]:
    names = [f"up to {most} words" for most in _LENGTHS]
    return [*names, f"over {_LENGTHS[-1]} words"]


def _length(context: str) -> str:
    words = len(context.split())
    return _length_names()[sum(words > most for most in _LENGTHS)]


def question_mistakes(
    questions: Sequence[str],
    truths: Sequence[Sequence[str]],
    answers: Sequence[str],
    scores: Sequence[float],
    *,
    limit: int = 200,
) -> list[dict]:
    """Returns the wrong answers, lowest F1 and highest score first.

    Args:
        questions: The questions.
        truths: All correct answers to each question, empty if it has none.
        answers: The predicted answers; `""` for no answer.
        scores: Scores of the predicted answers.
        limit: Maximum number of rows to return.

    Returns:
        Rows with `index` (position of the example, from 0), `question`,
        `answer` (the correct ones), `predicted`, `f1` and `score`.

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
