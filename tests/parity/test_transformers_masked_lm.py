"""Masked language models of and for transformers; `make test-torch`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_contents import PIECES

import bert_keras as bk
from bert_keras.serving.saved_model import ServedModel

pytestmark = pytest.mark.torch

SCRIPT = Path(__file__).with_name("transformers_masked_lm_task_reference.py")
MASKED = [
    "the [MASK] is good, a bad play",
    "[MASK] [MASK] caf[MASK] 東",
    "unplayable FILM ![MASK]",
]
WHOLE = ["the film is good, a bad play", "unplayable CAFÉ 東京", "?"]
BOOK = [["a good film .", "the bad play"], ["unplayable , is bad !"]] * 4


def run(verb, folder):
    subprocess.run([sys.executable, SCRIPT, verb, folder], check=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("masked")
    (root / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    texts = {"masked": MASKED, "whole": WHOLE}
    (root / "texts.json").write_text(json.dumps(texts))
    run("make", root)
    return root


def same(compare, folder, answers, scores):
    """Compares guesses and likelihoods with what transformers says."""
    expected = json.loads((folder / "answers.json").read_text())
    assert expected["class"] == "BertForMaskedLM"
    assert expected["missing"] == []
    for masks, answer in zip(expected["masks"], answers, strict=True):
        for guesses, mask in zip(masks, answer["masks"], strict=True):
            tokens = [guess["token"] for guess in mask["guesses"]]
            # The pipeline's strings have lost the marks of later pieces.
            assert [t.removeprefix("##") for t in tokens] == [
                token.removeprefix("##") for token, _ in guesses
            ]
            received = [guess["score"] for guess in mask["guesses"]]
            compare("scores", received, [score for _, score in guesses])
    # Logarithms of small numbers: what is off is their share.
    pairs = zip(expected["likelihoods"], scores, strict=True)
    shares = [score["log_likelihood"] / total for total, score in pairs]
    compare("likelihoods", shares, [1.0] * len(shares))


@pytest.mark.parametrize("name", ["tied", "untied"])
def test_masks_and_scores_are_those_of_transformers(
    root, name, compare, tmp_path
):
    run("ask", root / name)
    task = bk.load_task(root / name)
    assert task.problem.tied is (name == "tied")
    same(compare, root / name, task.predict(MASKED), task.score(WHOLE))
    served = ServedModel(task.export(tmp_path))
    answers = served.answer([{"text": text} for text in MASKED])
    same(compare, root / name, answers, task.score(WHOLE))


@pytest.mark.parametrize("name", ["tied", "untied"])
def test_transformers_goes_on_with_what_was_trained(
    root, name, compare, tmp_path
):
    task = bk.MaskedLanguageModel.from_handle(root / name)
    task.fit(
        BOOK,
        epochs=2,
        learning_rate=0.01,
        run_dir=tmp_path / "run",
        verbose=0,
    )
    folder = tmp_path / "converted"
    bk.convert(tmp_path / "run", folder, format="huggingface")
    (folder / "texts.json").write_bytes((root / "texts.json").read_bytes())
    run("ask", folder)
    same(compare, folder, task.predict(MASKED), task.score(WHOLE))
