"""How good are the answers to questions? Exact match and F1, as SQuAD counts.

The figures are those of the official scripts, v1.1 and v2.0, of
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
    """Returns an answer without case, punctuation, articles, extra spaces.

    Example:
        >>> normalized("The  U.S.A.!")
        'usa'
    """
    bare = answer.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(answer: str, truth: str) -> float:
    """Returns 1.0 if two answers are the same once normalized, else 0.0."""
    return float(normalized(answer) == normalized(truth))


def token_f1(answer: str, truth: str) -> float:
    """Returns the F1 of the words that two answers share.

    Example:
        >>> token_f1("the big cat", "a big dog")
        0.5
    """
    found, right = normalized(answer).split(), normalized(truth).split()
    if not found or not right:
        # Version 2.0 counts no answer to no question as right; 1.1 has none.
        return float(found == right)
    shared = sum(
        (collections.Counter(found) & collections.Counter(right)).values()
    )
    return 2 * shared / (len(found) + len(right))


def best_of(
    metric: Callable[[str, str], float], answer: str, truths: Sequence[str]
) -> float:
    """Returns the metric against the true answer that suits best.

    Args:
        metric: `exact_match` or `token_f1`.
        answer: What a model found; `""` for none.
        truths: All true answers; none if the question has none.
    """
    truths = [truth for truth in truths if normalized(truth)]
    return max(metric(answer, truth) for truth in truths or [""])


def squad_metrics(
    truths: Sequence[Sequence[str]],
    answers: Sequence[str],
    *,
    version_1: bool = False,
) -> dict:
    """Compares answers with the true ones.

    Args:
        truths: All true answers of each question; none if it has none.
        answers: Of a model; `""` for none.
        version_1: Whether to count as the script of version 1.1, where a true
            answer of nothing but articles or punctuation counts too.

    Returns:
        `examples`, `exact_match` and `f1`, the means from 0 to 1.

    Raises:
        ValueError: If there are not as many answers as questions, or none.

    Example:
        >>> squad_metrics([["Paris"], []], ["in Paris", ""])
        {'examples': 2, 'exact_match': 0.5, 'f1': 0.8333333333333333}
    """
    if not truths or len(truths) != len(answers):
        raise ValueError(
            "Expected an answer for each question, and at least one question. "
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
    # Words shared by none are no match there, even if both sides have none.
    nothing = metric is token_f1 and not normalized(answer)
    return 0.0 if nothing else score


def best_threshold(
    no_answer_scores: Sequence[float],
    scores: Sequence[float],
    answerable: Sequence[bool],
) -> tuple[float, float]:
    """Finds from which score on it is best to answer nothing.

    Args:
        no_answer_scores: How likely each question has no answer.
        scores: Of the answers given if none is withheld, from 0 to 1.
        answerable: Whether each question has an answer.

    Returns:
        The threshold, above which nothing is answered, and the mean score
        with it. Where several are equally good, the one in the middle of the
        gap between two questions.

    Example:
        >>> best_threshold([0.25, 0.75], [0.5, 0.0], [True, False])
        (0.5, 0.75)
    """
    no_answer_scores = np.asarray(no_answer_scores, np.float64)
    order = np.argsort(no_answer_scores, kind="stable")
    answerable = np.asarray(answerable, bool)[order]
    # What answering adds to answering nothing, question by question.
    gains = np.asarray(scores, np.float64)[order] - ~answerable
    sums = np.concatenate([[0.0], np.cumsum(gains)]) + np.sum(~answerable)
    ordered = no_answer_scores[order]
    edges = np.concatenate([[0.0], ordered, [1.0]])
    # Questions of one score are answered together, or not at all.
    allowed = np.concatenate([[True], ordered[1:] > ordered[:-1], [True]])
    best = int(np.argmax(np.where(allowed, sums, -np.inf)))
    threshold = float((edges[best] + edges[best + 1]) / 2)
    return threshold, float(sums[best] / len(order))
