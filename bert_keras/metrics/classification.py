"""Metrics of classifiers: one label per text, or any number of labels.

Scalars are at the top level of the result, so that a caller can print or
monitor them; everything else is nested. All values are plain Python numbers,
ready for JSON.
"""

from collections.abc import Sequence

import numpy as np

from bert_keras.metrics import calibration, checks


def classification_metrics(
    label_ids, scores, labels: Sequence[str]
) -> dict[str, object]:
    """Evaluates a classifier that predicts one label per text.

    The prediction is the label with the highest score, the first in a tie.

    Division by zero gives 0.0: the precision of a label that was never
    predicted, the recall of a label without examples, the Matthews
    correlation if only one label was true or predicted. `macro_f1` is the
    mean over the labels that are true or predicted, like scikit-learn's
    `f1_score(average="macro")`, so that a perfect model scores 1.0 on data
    that lacks a label.

    Args:
        label_ids: True labels, int [n].
        scores: Probabilities of the labels, float [n, classes].
        labels: Names of the classes, in the order of the columns.

    Returns:
        examples: `n`.
        accuracy: Share of correct predictions.
        macro_f1: Mean F1 over the labels.
        micro_f1: F1 over all decisions; here equal to `accuracy`.
        matthews: Matthews correlation, -1.0 to 1.0, for any number of classes
            (Gorodkin 2004, https://doi.org/10.1016/j.compbiolchem.2004.09.006).
        calibration_error: Expected calibration error in 15 bins of equal
            width (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
        per_class: For each label `precision`, `recall`, `f1` and `support`,
            the number of its examples.
        confusion_matrix: Counts, a row for each true label and a column for
            each predicted one.
        reliability: For each of the 15 bins its mean `confidence`, its
            `accuracy` (both `None` in an empty bin) and its `count`.

    Raises:
        ValueError: If shapes do not match, there are no examples, an id is
            out of range, or the scores are not probabilities.

    Example:
        >>> scores = [[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]]
        >>> result = classification_metrics([0, 1, 1], scores, ["bad", "good"])
        >>> round(result["accuracy"], 4), result["confusion_matrix"]
        (0.6667, [[1, 0], [1, 1]])
    """
    from sklearn.metrics import confusion_matrix, f1_score

    names = checks.check_labels(labels)
    scores = checks.check_distributions(scores, len(names))
    truth = checks.check_label_ids(label_ids, len(scores), len(names))
    answers = scores.argmax(axis=1)  # [n]
    every_id = range(len(names))
    bins = calibration.reliability_bins(scores.max(axis=1), answers == truth)
    matrix = confusion_matrix(truth, answers, labels=every_id)
    return {
        "examples": len(truth),
        "accuracy": float((answers == truth).mean()),
        "macro_f1": float(
            f1_score(truth, answers, average="macro", zero_division=0)
        ),
        # With one decision per text, micro F1 equals accuracy.
        "micro_f1": float((answers == truth).mean()),
        "matthews": _matthews(truth, answers),
        "calibration_error": calibration.expected_calibration_error(bins),
        "per_class": _per_class(truth, answers, names, every_id),
        "confusion_matrix": matrix.tolist(),
        "reliability": bins,
    }


def multi_label_metrics(
    label_matrix, scores, labels: Sequence[str], threshold: float = 0.5
) -> dict[str, object]:
    """Evaluates a classifier that predicts any number of labels per text.

    A label is predicted if its score reaches the threshold. Division by zero
    gives 0.0, also in `macro_f1`, which is the mean over all labels, as
    scikit-learn computes it for a label matrix.

    Args:
        label_matrix: 1 if the text has the label, otherwise 0; int or bool
            [n, labels].
        scores: Independent probability of each label, float [n, labels].
        labels: Names of the labels, in the order of the columns.
        threshold: Minimum score at which a label is predicted.

    Returns:
        examples: `n`.
        exact_match: Share of texts with exactly their true labels.
        micro_f1: F1 over all n * labels decisions.
        macro_f1: Mean F1 over the labels.
        ranking_precision: Label ranking average precision, which needs no
            threshold: for each true label, the share of true ones among the
            labels that score at least as high. A perfect ranking and a text
            without labels give 1.0.
        per_class: For each label `precision`, `recall`, `f1` and `support`,
            the number of texts that have it.

    Raises:
        ValueError: If shapes do not match, there are no examples, or a value
            is out of range.

    Example:
        >>> truth = [[1, 1, 0], [0, 0, 1]]
        >>> scores = [[0.9, 0.2, 0.1], [0.1, 0.3, 0.8]]
        >>> result = multi_label_metrics(truth, scores, ["joy", "awe", "rage"])
        >>> result["exact_match"], result["ranking_precision"]
        (0.5, 1.0)
    """
    from sklearn.metrics import f1_score, label_ranking_average_precision_score

    names = checks.check_labels(labels)
    scores = checks.check_scores(scores, len(names))
    truth = checks.check_label_matrix(label_matrix, scores.shape)
    answers = (scores >= threshold).astype(np.int64)  # [n, labels]
    # scikit-learn treats a matrix of one column as two classes, 0 and 1.
    columns = [1] if len(names) == 1 else list(range(len(names)))
    choice = {"labels": columns, "zero_division": 0}
    return {
        "examples": len(truth),
        "exact_match": float((answers == truth).all(axis=1).mean()),
        "micro_f1": float(f1_score(truth, answers, average="micro", **choice)),
        "macro_f1": float(f1_score(truth, answers, average="macro", **choice)),
        "ranking_precision": float(
            label_ranking_average_precision_score(truth, scores)
        ),
        "per_class": _per_class(truth, answers, names, columns),
    }


def _matthews(truth: np.ndarray, answers: np.ndarray) -> float:
    from sklearn.metrics import matthews_corrcoef

    # scikit-learn warns if all true and predicted labels are the same.
    if np.unique(truth).size == 1:
        return 0.0
    return float(matthews_corrcoef(truth, answers))


def _per_class(
    truth: np.ndarray,
    answers: np.ndarray,
    names: list[str],
    ids: Sequence[int],
) -> dict[str, dict]:
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(
        truth, answers, labels=ids, zero_division=0
    )
    return {
        name: {
            "precision": float(precision),
            "recall": float(recall),
            "f1": float(f1),
            "support": int(support),
        }
        for name, precision, recall, f1, support in zip(
            names, *columns, strict=True
        )
    }
