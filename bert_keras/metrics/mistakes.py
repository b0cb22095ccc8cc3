"""The predictions to look at first: the worst mistakes, and a file of them."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bert_keras.atomic import replacing
from bert_keras.contract import TEXT, TEXT_A, TEXT_B
from bert_keras.metrics import checks

# Columns that are read as numbers; all others are text.
_NUMBERS = {
    "index": int,
    "score": float,
    "label_score": float,
    "target": float,
    "prediction": float,
    "error": float,
}

# Everything that some reader takes for the end of a line or a field, other
# control characters, and lone surrogates, which UTF-8 cannot encode.
_UNSAFE = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SHORT = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|[\\tnr])")
_LONG = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}


def worst_mistakes(
    texts: Sequence[str],
    texts_b: Sequence[str] | None = None,
    *,
    label_ids,
    scores,
    labels: Sequence[str],
    limit: int = 100,
) -> list[dict]:
    """Returns the wrong predictions, the most confident first.

    These reveal mislabelled examples and systematic errors soonest.

    Args:
        texts: The n texts.
        texts_b: The second text of each pair; `None` for single texts.
        label_ids: True labels, int [n].
        scores: Probabilities of the labels, float [n, classes].
        labels: Names of the classes, in the order of the columns.
        limit: Maximum number of rows to return.

    Returns:
        Rows with `index` (position of the example, from 0), `text` or `text_a`
        and `text_b`, `label` (the true one), `predicted`, `score` (of the
        predicted label) and `label_score` (of the true one). Ties keep the
        order of the data.

    Raises:
        ValueError: If lengths differ or the scores are not probabilities.

    Example:
        >>> rows = worst_mistakes(
        ...     ["a delight", "a bore"],
        ...     label_ids=[1, 0],
        ...     scores=[[0.25, 0.75], [0.125, 0.875]],
        ...     labels=["bad", "good"],
        ... )
        >>> rows[0]["text"], rows[0]["predicted"], rows[0]["score"]
        ('a bore', 'good', 0.875)
    """
    names = checks.check_labels(labels)
    scores = checks.check_distributions(scores, len(names))
    truth = checks.check_label_ids(label_ids, len(scores), len(names))
    segments = _segments(texts, texts_b, len(scores))
    answers = scores.argmax(axis=1)
    order = np.argsort(-scores.max(axis=1), kind="stable")
    wrong = order[answers[order] != truth[order]][:limit]
    return [
        {
            "index": int(n),
            **{column: str(values[n]) for column, values in segments.items()},
            "label": names[truth[n]],
            "predicted": names[answers[n]],
            "score": float(scores[n, answers[n]]),
            "label_score": float(scores[n, truth[n]]),
        }
        for n in wrong
    ]


def largest_errors(
    texts: Sequence[str],
    texts_b: Sequence[str] | None = None,
    *,
    targets,
    predictions,
    limit: int = 100,
) -> list[dict]:
    """Returns a regressor's predictions, those with the largest errors first.

    Args:
        texts: The n texts.
        texts_b: The second text of each pair; `None` for single texts.
        targets: True values, float [n].
        predictions: Predicted values, float [n].
        limit: Maximum number of rows to return.

    Returns:
        Rows with `index` (position of the example, from 0), `text` or `text_a`
        and `text_b`, `target`, `prediction` and `error` (prediction minus
        target). Exact predictions are left out.

    Raises:
        ValueError: If lengths differ or a value is not finite.

    Example:
        >>> rows = largest_errors(["a"], targets=[2.0], predictions=[1.5])
        >>> rows[0]["error"]
        -0.5
    """
    targets, predictions = checks.check_pairs(targets, predictions)
    segments = _segments(texts, texts_b, len(targets))
    errors = predictions - targets
    order = np.argsort(-np.abs(errors), kind="stable")
    return [
        {
            "index": int(n),
            **{column: str(values[n]) for column, values in segments.items()},
            "target": float(targets[n]),
            "prediction": float(predictions[n]),
            "error": float(errors[n]),
        }
        for n in order[:limit]
        if errors[n]
    ]


def write_mistakes_tsv(path: str | Path, rows: Sequence[dict]) -> None:
    r"""Writes rows as tab-separated text: a header, then one row per line.

    Backslashes, tabs and line ends in a text become `\\`, `\t`, `\n` and `\r`,
    other control characters `\u` and four hexadecimal digits. Quotes are
    plain characters; in pandas, read with `sep="\t", quoting=csv.QUOTE_NONE`.
    The file is complete or absent. Without rows it is empty.

    Args:
        path: The file to write, UTF-8.
        rows: Rows of `worst_mistakes` or `largest_errors`.
    """
    table = [list(rows[0]), *(row.values() for row in rows)] if rows else []
    lines = ["\t".join(_escape(str(value)) for value in row) for row in table]
    text = "".join(f"{line}\n" for line in lines)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def read_mistakes_tsv(path: str | Path) -> list[dict]:
    """Returns the rows that `write_mistakes_tsv` wrote."""
    text = Path(path).read_bytes().decode("utf-8")
    table = [line.split("\t") for line in text.split("\n")[:-1]]
    if not table:
        return []
    header, *rows = table
    return [
        {
            column: _NUMBERS.get(column, str)(_unescape(value))
            for column, value in zip(header, row, strict=True)
        }
        for row in rows
    ]


def _segments(
    texts: Sequence[str], texts_b: Sequence[str] | None, examples: int
) -> dict[str, Sequence[str]]:
    segments = {TEXT: texts}
    if texts_b is not None:
        segments = {TEXT_A: texts, TEXT_B: texts_b}
    for column, values in segments.items():
        if len(values) != examples:
            raise ValueError(
                f"Expected {examples} texts, one for each prediction. "
                f"Received: {len(values)} in column {column!r}"
            )
    return segments


def _escape(text: str) -> str:
    return _UNSAFE.sub(
        lambda found: _SHORT.get(found[0], f"\\u{ord(found[0]):04x}"), text
    )


def _unescape(text: str) -> str:
    return _ESCAPE.sub(
        lambda found: _LONG.get(found[1]) or chr(int(found[1][1:], 16)), text
    )
