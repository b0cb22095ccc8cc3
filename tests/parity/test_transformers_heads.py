"""Heads, labels and files as transformers writes them; `make test-torch`."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bert_keras.checkpoints import read_checkpoint

pytestmark = pytest.mark.torch

SCRIPT = Path(__file__).with_name("transformers_heads_reference.py")
# Their names of the heads' weights, ours, and whether axes are swapped.
LM = "cls.predictions."
MASKED_LM = {
    "masked_lm/dense/kernel": (LM + "transform.dense.weight", True),
    "masked_lm/dense/bias": (LM + "transform.dense.bias", False),
    "masked_lm/norm/gamma": (LM + "transform.LayerNorm.weight", False),
    "masked_lm/norm/beta": (LM + "transform.LayerNorm.bias", False),
    "masked_lm/bias": (LM + "bias", False),
}
NEXT = {
    "next_sentence/dense/kernel": ("cls.seq_relationship.weight", True),
    "next_sentence/dense/bias": ("cls.seq_relationship.bias", False),
}
HEADS = {
    "BertForPreTraining": MASKED_LM | NEXT,
    "BertForMaskedLM": MASKED_LM,
    "BertForNextSentencePrediction": NEXT,
    "BertForSequenceClassification": {
        "sequence_classifier/dense/kernel": ("classifier.weight", True),
        "sequence_classifier/dense/bias": ("classifier.bias", False),
    },
    "BertForTokenClassification": {
        "token_classifier/dense/kernel": ("classifier.weight", True),
        "token_classifier/dense/bias": ("classifier.bias", False),
    },
    "BertForQuestionAnswering": {
        "span/dense/kernel": ("qa_outputs.weight", True),
        "span/dense/bias": ("qa_outputs.bias", False),
    },
}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, SCRIPT, root], check=True)
    return root


def read(folder):
    contents = read_checkpoint(folder)
    heads = {
        f"{head}/{name}": tensor
        for head, tensors in contents.heads.items()
        for name, tensor in tensors.items()
    }
    found = {**contents.tensors, **heads}
    return contents, {name: np.asarray(t) for name, t in found.items()}


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("files", ["safetensors", "sharded", "bin"])
def test_every_head_in_every_file(models, name, files):
    expected = np.load(models / name / "expected.npz")
    if files == "bin":
        stored = np.load(models / name / "bin.npz")
        found = {key.replace("|", "/"): stored[key] for key in stored.files}
    else:
        contents, found = read(models / name / files)
        assert contents.unknown == {}
        assert contents.labels == ("bad", "fair", "good")
        assert (len(contents.weights) > 1) == (files == "sharded")
    heads = {key for key in found if key in HEADS[name]}
    assert heads == set(HEADS[name])
    assert len(found) == len(expected.files)
    for ours, (theirs, swapped) in HEADS[name].items():
        values = expected[theirs].T if swapped else expected[theirs]
        np.testing.assert_array_equal(found[ours], values)
    np.testing.assert_array_equal(
        found["block_1/attention/query/kernel"],
        expected["bert.encoder.layer.1.attention.self.query.weight"].T,
    )


def test_a_pickle_that_would_run_is_refused(models):
    assert "Nothing in it was run" in (models / "refused").read_text()
    assert not (models / "written").exists()
