"""Exact match and F1 of answers to questions, as defined by SQuAD.

The numbers equal those of the official scripts, v1.1 and v2.0, at
https://rajpurkar.github.io/SQuAD-explorer/.
"""

import collections
import re
import string
from collections.abc import Callable, Sequence

import numpy as np

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalized(answer: str) -> str:
    """Returns an answer in lower case, without punctuation and articles.

    Example:
        >>> normalized("The  U.S.A.!")
        'usa'
    """
    bare = answer.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(answer: str, truth: str) -> float:
    """Returns 1.0 if two answers are equal after normalization, else 0.0."""
    return float(normalized(answer) == normalized(truth))


def token_f1(answer: str, truth: str) -> float:
    """Returns the F1 of the words that two answers share.

    Example:
        >>> token_f1("the big cat", "a big dog")
        0.5
    """
    found, right = normalized(answer).split(), normalized(truth).split()
    if not found or not right:
        # In version 2.0 an empty answer is correct if the truth is empty.
        return float(found == right)
    shared = sum(
        (collections.Counter(found) & collections.Counter(right)).values()
    )
    return 2 * shared / (len(found) + len(right))


def best_of(
    metric: Callable[[str, str], float], answer: str, truths: Sequence[str]
) -> float:
    """Returns the metric for the correct answer that matches best.

    Args:
        metric: `exact_match` or `token_f1`.
        answer: The predicted answer; `""` for no answer.
        truths: All correct answers, empty if the question has none.
    """
    truths = [truth for truth in truths if normalized(truth)]
    return max(metric(answer, truth) for truth in truths or [""])


def squad_metrics(
    truths: Sequence[Sequence[str]],
    answers: Sequence[str],
    *,
    version_1: bool = False,
) -> dict:
    """Compares predicted answers with the correct ones.

    Args:
        truths: All correct answers to each question, empty if it has none.
        answers: The predicted answers; `""` for no answer.
        version_1: Whether to score like the script of version 1.1, which also
            counts correct answers that consist of articles or punctuation.

    Returns:
        `examples`, and the means `exact_match` and `f1`, from 0 to 1.

    Raises:
        ValueError: If the numbers of questions and answers differ, or there
            are none.

    Example:
        >>> squad_metrics([["Paris"], []], ["in Paris", ""])
        {'examples': 2, 'exact_match': 0.5, 'f1': 0.8333333333333333}
    """
    if not truths or len(truths) != len(answers):
        raise ValueError(
            "Expected an answer for each question and at least one question. "
            f"Received: {len(truths)} questions, {len(answers)} answers"
        )
    scores = {
        name: [
            _of_version_1(metric, answer, right)
            if version_1
            else best_of(metric, answer, right)
            for answer, right in zip(answers, truths, strict=True)
        ]
        for name, metric in (("exact_match", exact_match), ("f1", token_f1))
    }
    return {
        "examples": len(truths),
        **{name: float(np.mean(values)) for name, values in scores.items()},
    }


def _of_version_1(metric, answer, truths) -> float:
    score = max(metric(answer, truth) for truth in truths)
    # There the F1 without shared words is 0, even if both sides have none.
    nothing = metric is token_f1 and not normalized(answer)
    return 0.0 if nothing else score


def best_threshold(
    no_answer_scores: Sequence[float],
    scores: Sequence[float],
    answerable: Sequence[bool],
) -> tuple[float, float]:
    """Returns the best threshold of the no-answer score.

    Args:
        no_answer_scores: Predicted probability that each question has no
            answer.
        scores: Metric of each answer if every question is answered, from 0 to
            1.
        answerable: Whether each question has an answer.

    Returns:
        The threshold above which no answer is given, and the mean score with
        it. The threshold is in the middle between the scores of two questions.

    Example:
        >>> best_threshold([0.25, 0.75], [0.5, 0.0], [True, False])
        (0.5, 0.75)
    """
    thresholds = np.asarray(no_answer_scores, np.float64)
    order = np.argsort(thresholds, kind="stable")
    unanswerable = ~np.asarray(answerable, bool)[order]
    # Gain of answering over not answering, for each question.
    gains = np.asarray(scores, np.float64)[order] - unanswerable
    sums = np.concatenate([[0.0], np.cumsum(gains)]) + np.sum(unanswerable)
    ordered = thresholds[order]
    edges = np.concatenate([[0.0], ordered, [1.0]])
    # Questions with equal scores are either all answered or not at all.
    allowed = np.concatenate([[True], ordered[1:] > ordered[:-1], [True]])
    best = int(np.argmax(np.where(allowed, sums, -np.inf)))
    threshold = float((edges[best] + edges[best + 1]) / 2)
    return threshold, float(sums[best] / len(order))
