"""Exports answer under another TensorFlow as under the one that wrote them.

`BERT_KERAS_OTHER_PYTHON` names the Python of an environment with the other
TensorFlow: `make test-tf221` and `make test-tf212` set it. A new export is
checked in a process that `sys.executable` names. That is the other Python
here, so that `export` itself refuses what is answered differently there.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub_encoder import save_hub_encoder
from tiny_task import (
    LIKENESS,
    LONG,
    PAIRS,
    PIECES,
    SCORES,
    SEVERAL,
    SINGLE,
    write_checkpoint,
)

from bert_keras.tasks import (
    TASKS,
    MaskedLanguageModel,
    QuestionAnswerer,
    TextClassifier,
    TextEmbedder,
    TextRegressor,
    TokenTagger,
)

pytestmark = pytest.mark.other_tensorflow

NAMES = [
    ("the good film is dull", [(4, 13, "FILM")]),
    ("café 1 2", [(0, 4, "PLACE"), (5, 8, "NUMBER")]),
    ("very good film " * 6, [(80, 89, "FILM")]),
] * 4
ROLES = [
    ("the film is good", 2, [(0, 8, "A1"), (9, 11, "V"), (12, 16, "A2")]),
    ("play a film", 0, [(0, 4, "V"), (5, 11, "A1")]),
    # Unknown words are nothing: if thousands of them were roles, several ways
    # to divide them would be equally good, and rounding would choose.
    ("many words of few letters", 1, [(5, 10, "V")]),
] * 4
QUESTIONS = [
    ("good?", "the good film is a play", "good film"),
    ("dull?", "dull play, very very dull film. the film", "dull play"),
    ("bad?", "the good film is a play", ""),
] * 4
MASKED = [["a good film is playable . not very dull !"]] * 4

# Task, options, and rows to learn from.
KINDS = {
    "single": (TextClassifier, {}, SINGLE),
    "pair": (TextClassifier, {"pooling": "mean"}, PAIRS),
    "several": (TextClassifier, {"multi_label": True}, SEVERAL),
    "windows": (TextClassifier, {"windows": "attention", "stride": 6}, LONG),
    "regressor": (TextRegressor, {}, SCORES),
    "names": (TokenTagger, {}, NAMES),
    "roles": (TokenTagger, {"crf": True}, ROLES),
    "embedder": (TextEmbedder, {"dense": 7}, LIKENESS),
    "questions": (QuestionAnswerer, {"stride": 4}, QUESTIONS),
    "masked-lm": (MaskedLanguageModel, {"k": 3}, MASKED),
}
# What is asked where it is more or less than the first cell of those rows.
TEXTS = {
    "pair": [row[:2] for row in PAIRS],
    "roles": [row[:2] for row in ROLES],
    "questions": [row[:2] for row in QUESTIONS],
    "masked-lm": ["a [MASK] film", "[MASK] is not [MASK]"],
}


@pytest.fixture(scope="module")
def other_python():
    """The Python of the other environment."""
    named = os.environ.get("BERT_KERAS_OTHER_PYTHON")
    assert named, "Set BERT_KERAS_OTHER_PYTHON, or run make test-tf221."
    return Path(named).absolute()  # resolved, it would leave its environment


@pytest.fixture
def asked(other_python, tmp_path, monkeypatch):
    """Makes exports be checked by the other Python, which keeps a list."""
    log = tmp_path / "asked"
    script = tmp_path / "python"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> "{log}"\nexec "{other_python}" "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    return log


def trained(handle, kind):
    task_class, options, rows = KINDS[kind]
    task = task_class.from_handle(handle, **options)
    task.fit(rows, epochs=6, batch_size=4, learning_rate=0.01, verbose=0)
    texts = TEXTS.get(kind) or [row[0] for row in rows]
    assert len({str(answer) for answer in task.predict(texts)}) > 1
    return task, texts


def largest_difference(version, asked) -> float:
    (call,) = asked.read_text().splitlines()
    assert "saved_model.py" in call
    manifest = json.loads((version / "bert_keras.json").read_text())
    return manifest["agreement"]["largest_difference"]


def test_it_is_another_tensorflow(other_python):
    program = "import importlib.metadata as m; print(m.version('tensorflow'))"
    versions = {
        subprocess.check_output([python, "-c", program])
        for python in (sys.executable, other_python)
    }
    assert len(versions) == 2


def test_no_task_is_left_out():
    assert {kind[0] for kind in KINDS.values()} == set(TASKS.values())


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_equal(kind, tiny_checkpoint, tmp_path, asked):
    task, texts = trained(tiny_checkpoint, kind)
    version = task.export(tmp_path / "export", texts=texts)
    assert largest_difference(version, asked) <= 1e-5


def test_an_encoder_that_is_a_saved_model(tmp_path, asked):
    hub = save_hub_encoder(tmp_path / "hub", PIECES.split())
    task, texts = trained(hub, "single")
    version = task.export(tmp_path / "export", texts=texts)
    assert largest_difference(version, asked) <= 1e-5


def test_bfloat16(tmp_path, asked):
    """Rounded alike but for the order of sums."""
    checkpoint = write_checkpoint(tmp_path / "two", num_hidden_layers=2)
    task, texts = trained(checkpoint, "single")
    version = task.export(
        tmp_path / "export", texts=texts, precision="bfloat16"
    )
    assert largest_difference(version, asked) < 0.05
