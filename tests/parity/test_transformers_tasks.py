"""Classifiers of transformers open as tasks; `make test-torch`."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_contents import PIECES

import bert_keras as bk
from bert_keras.serving.saved_model import ServedModel

pytestmark = pytest.mark.torch

SCRIPT = Path(__file__).with_name("transformers_tasks_reference.py")
TEXTS = [
    "the film is good, a bad play",
    "THE Film",
    "unplayable CAFÉ 東京",
    "",
    "a film played, " * 8,  # longer than all positions
]
# None that is cut: of an odd number of places the first text gets one more in
# original BERT, and the longer text in transformers.
PAIRS = [list(pair) for pair in zip(TEXTS[:4], TEXTS[3::-1], strict=True)]
# The tasks and their labels.
PROBLEMS = {
    "classes": ("TextClassifier", ("bad", "fair", "good")),
    "number": ("TextRegressor", None),
    "several": ("TextClassifier", ("loud", "long")),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("classifiers")
    (root / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    (root / "texts.json").write_text(json.dumps(TEXTS))
    (root / "pairs.json").write_text(json.dumps(PAIRS))
    subprocess.run([sys.executable, SCRIPT, root], check=True)
    return root


def scores_of(answers, labels):
    """All scores, [texts, labels], or [texts, 1] of a regressor."""
    if labels is None:
        return [[answer["score"]] for answer in answers]
    return [[answer["scores"][name] for name in labels] for answer in answers]


@pytest.mark.parametrize("name", PROBLEMS)
def test_tasks_and_exports_answer_the_same(root, name, compare, tmp_path):
    expected = json.loads((root / "scores.json").read_text())[name]["texts"]
    # Scores that hardly differ would agree whatever the text is.
    assert np.ptp(expected, axis=0).max() > 0.1
    task_class, labels = PROBLEMS[name]
    task = bk.load_task(root / name)
    assert type(task).__name__ == task_class
    assert task.labels == labels
    assert task.preprocessor.max_length == 16
    compare("task", scores_of(task.predict(TEXTS), labels), expected)

    served = ServedModel(task.export(tmp_path))
    answers = served.answer([{"text": text} for text in TEXTS])
    compare("export", scores_of(answers, labels), expected)


@pytest.mark.parametrize("name", PROBLEMS)
def test_pairs_answer_the_same(root, name, compare):
    expected = json.loads((root / "scores.json").read_text())[name]["pairs"]
    task = bk.load_task(root / name, pair=True)
    answers = task.predict([tuple(pair) for pair in PAIRS])
    compare("pairs", scores_of(answers, PROBLEMS[name][1]), expected)
