"""Verify: a SavedModel gives the expected answers in a process of its own."""

import base64
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bert_keras.serving import saved_model

TOLERANCE = 1e-5  # absolute; relative to the largest number if that exceeds 1


class ExportRefused(RuntimeError):
    """The SavedModel does not give the answers of the task."""


def edge_case_texts() -> list[str | bytes]:
    """Returns texts that have broken exports of text models."""
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
    comparable: Callable[[dict], object],
    exact: bool,
) -> dict:
    """Compares a SavedModel's answers with the expected ones.

    Args:
        folder: The SavedModel.
        rows: Inputs, one dict of texts each.
        expected: Answers, one dict each.
        comparable: Returns the part of an answer that must not change when
            scores are rounded.
        exact: Whether a difference is an error, or only reported.

    Returns:
        `texts`, the number of inputs; `answers_equal`, the number of answers
        with an equal comparable part; `largest_difference` of any number.

    Raises:
        ExportRefused: If the SavedModel does not run on its own or, with
            `exact`, if an answer differs.
    """
    received = _answers_of(folder, rows)
    pairs = list(zip(expected, received, strict=True))
    sizes = [abs(n) for right in expected for n in _floats(right)]
    unit = max([1.0, *sizes])
    differences = [_difference(*pair) / unit for pair in pairs]
    worst = max(range(len(rows)), key=differences.__getitem__)
    if exact and differences[worst] > TOLERANCE:
        raise ExportRefused(
            "Expected the SavedModel to answer as the task does, within "
            f"{TOLERANCE:g}. Received for {str(rows[worst])[:100]}: "
            f"{received[worst]} instead of {expected[worst]}. Nothing was "
            "published."
        )
    return {
        "texts": len(rows),
        "answers_equal": sum(
            comparable(right) == comparable(answer) for right, answer in pairs
        ),
        "largest_difference": max(
            _largest_gap(_floats(right), _floats(answer))
            for right, answer in pairs
        )
        / unit,
    }


def _difference(right: dict, answer: dict) -> float:
    """Returns the difference of two answers; infinite if text differs."""
    if _words(right) != _words(answer):
        return math.inf
    return _largest_gap(_floats(right), _floats(answer))


def _largest_gap(right: list[float], answer: list[float]) -> float:
    gaps = [abs(a - b) for a, b in zip(right, answer, strict=False)]
    # Comparisons with NaN are false: it must not pass as a small difference.
    return max(math.inf if math.isnan(gap) else gap for gap in [0.0, *gaps])


def _floats(answer) -> list[float]:
    """Returns the numbers of an answer, in order."""
    if isinstance(answer, float):
        return [answer]
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list):
        return [number for part in answer for number in _floats(part)]
    return []


def _words(answer):
    """Returns an answer with all numbers replaced by `None`."""
    if isinstance(answer, float):
        return None
    if isinstance(answer, dict):
        return {name: _words(part) for name, part in answer.items()}
    if isinstance(answer, list):
        return [_words(part) for part in answer]
    return answer


def _answers_of(folder: Path, rows: Sequence[dict]) -> list[dict]:
    """Runs the SavedModel in a clean process: no project, no user site."""
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
