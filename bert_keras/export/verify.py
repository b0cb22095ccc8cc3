"""Verify: a SavedModel answers in a process of its own, as it should."""

import base64
import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bert_keras import contract
from bert_keras.serving import saved_model

TOLERANCE = 1e-5  # of a score, float32; of large ones, their share


class ExportRefused(RuntimeError):
    """The SavedModel does not answer as the task does."""


def odd_texts() -> list[str | bytes]:
    """Returns texts that have broken exports of text models before."""
    return [
        "",
        " ",
        "\t\n\r\u3000",
        "A plain sentence, with punctuation!",
        "na\u00efve caf\u00e9, Beyonc\u00e9 was born in Houston",
        "e\u0301 combining, \ufb01 ligature, \u00df, \u03a3\u03b1\u03c2",
        "\u4eca\u5929\u5929 and \u65e5\u672c\u8a9e and \ud55c\uad6d\uc5b4",
        "emoji \U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 end",
        "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd right to left",
        "soft\u00adhyphen zero\u200bwidth \ufeffmark \ue000 private",
        "a NUL \x00 inside",
        "[MASK] and [SEP] stand in this text",
        "x" * 10_000,
        "many words " * 2_000,
        "one million letters " * 50_000,
        b"invalid \xff\xfe UTF-8 \xc3",
    ]


def verify(
    folder: Path,
    rows: Sequence[dict],
    expected: Sequence[dict],
    *,
    exact: bool,
) -> dict:
    """Compares a SavedModel's answers with the right ones.

    Args:
        folder: The SavedModel.
        rows: Inputs, one dict of texts each.
        expected: Answers, one dict each.
        exact: Whether a difference is refused or only reported.

    Returns:
        `texts`, how many were compared; `labels_equal`, how many of them have
        the same label; `largest_difference` of any score.

    Raises:
        ExportRefused: If the SavedModel does not run by itself or, with
            `exact`, if an answer differs.
    """
    received = _answers_of(folder, rows)
    unit = _unit(expected)
    differences = [
        _difference(right, answer) / unit
        for right, answer in zip(expected, received, strict=True)
    ]
    same = [
        right.get(contract.LABEL) == answer.get(contract.LABEL)
        for right, answer in zip(expected, received, strict=True)
    ]
    worst = max(range(len(rows)), key=lambda i: (not same[i], differences[i]))
    if exact and not (same[worst] and differences[worst] <= TOLERANCE):
        raise ExportRefused(
            "Expected the SavedModel to answer as the task does, to "
            f"{TOLERANCE:g}. Received for {str(rows[worst])[:100]}: "
            f"{received[worst]} instead of {expected[worst]}. Nothing was "
            "published."
        )
    return {
        "texts": len(rows),
        "labels_equal": sum(same),
        "largest_difference": max(differences),
    }


def _unit(expected: Sequence[dict]) -> float:
    """What a difference counts in: a regressor's scores may be millions."""
    return max(1.0, *(abs(right[contract.SCORE]) for right in expected))


def _difference(right: dict, answer: dict) -> float:
    scores = right.get(contract.SCORES, {})
    differences = [abs(right[contract.SCORE] - answer[contract.SCORE])] + [
        abs(score - answer[contract.SCORES].get(label, math.nan))
        for label, score in scores.items()
    ]
    # NaN compares with nothing: it must not pass for a small difference.
    return max(math.inf if math.isnan(d) else d for d in differences)


def _answers_of(folder: Path, rows: Sequence[dict]) -> list[dict]:
    """Asks the SavedModel in a clean process: no project, no user site."""
    lines = "".join(
        json.dumps({name: _json(text) for name, text in row.items()}) + "\n"
        for row in rows
    )
    script = Path(saved_model.__file__)
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(folder)],
        input=lines,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"},
    )
    if done.returncode:
        raise ExportRefused(
            "Expected the SavedModel to run in a process without bert_keras. "
            f"Received exit code {done.returncode}: {done.stderr[-2000:]}"
        )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _json(text: str | bytes) -> str | dict:
    if isinstance(text, bytes):
        return {"b64": base64.b64encode(text).decode()}
    return text
