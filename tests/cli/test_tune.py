"""`tune`: a table, the command of the best, JSON, and bad input."""

import json
import shlex
import sys

import pytest
from tiny_task import SINGLE, write_tsv

from bert_keras.cli.tune import best_command, read_space


@pytest.fixture
def files(tmp_path):
    write_tsv(tmp_path / "train.tsv", SINGLE)
    return tmp_path


def tune(run, files, encoder, *more, task="classifier"):
    return run(
        *("tune", task, "--encoder", encoder, "--out", files / "run"),
        *("--train", files / "train.tsv", "--dev", files / "train.tsv"),
        *("--trials", 1, *more),
    )


def test_table_json_and_the_command_of_the_best(
    bert_keras, files, tiny_checkpoint
):
    space = ["--space", "epochs=1", "--space", "batch-size=4,8"]
    ended = tune(bert_keras, files, tiny_checkpoint, *space, "--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert set(found) == {"run", "metric", "best", "trials", "command"}
    again = tune(bert_keras, files, tiny_checkpoint, *space)
    assert again.code == 0
    assert "learning rate" in again.out and "batch size" in again.out
    command = again.err.splitlines()[-1]
    assert command == found["command"]
    words = shlex.split(command)
    assert words[:3] == ["bert-keras", "train", "classifier"]
    rate = float(words[words.index("--learning-rate") + 1])
    assert rate == found["best"]["settings"]["learning_rate"]
    # It is not searched, but the training would be another without it.
    assert words[words.index("--epochs") + 1] == "1"
    assert "--trials" not in words and "--space" not in words
    assert words[-2:] == ["--out", "runs/best"]


def test_the_command_leaves_out_what_is_of_a_search(monkeypatch):
    given = (
        "bert-keras tune classifier --train a.tsv --space=epochs=3 --json "
        "--out runs/x --seconds 60 --pooling cls --labels tune,train"
    )
    monkeypatch.setattr(sys, "argv", given.split())
    assert best_command({"epochs": 3, "pooling": "mean"}) == (
        "bert-keras train classifier --train a.tsv --labels tune,train "
        "--epochs 3 --pooling mean --out runs/best"
    )


def test_the_command_has_switches_without_a_value(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bert-keras", "tune", "tagger"])
    start, end = "bert-keras train tagger", "--epochs 2 --out runs/best"
    found = best_command({"crf": True, "epochs": 2})
    assert found == f"{start} --crf {end}"
    assert best_command({"crf": False, "epochs": 2}) == f"{start} {end}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--space", "epochs"], "Expected --space NAME=LOW:HIGH"),
        (["--space", "colour=1"], "Received: 'colour'"),
        (["--space", "learning_rate=1e-4:1e-5"], "low below high"),
        (["--space", "epochs=1:2:3"], "a range (low, high) for 'epochs'"),
        (["--space", "pooling=median"], "`pooling` to be one of"),
        (["--space", "multi_label=maybe"], "true or false for 'multi_label'"),
        (["--dev", "none.tsv"], "Expected a file"),
        (["--trials", 0], "--trials"),
    ],
)
def test_refused_before_the_encoder_is_loaded(
    bert_keras, files, options, message
):
    ended = tune(bert_keras, files, "no-encoder", *options)
    assert ended.code == 2
    assert message in ended.err
    assert not (files / "run").exists()


def test_without_validation_data(bert_keras, files):
    ended = bert_keras(
        *("tune", "regressor", "--encoder", "x", "--out", files / "run"),
        *("--train", files / "train.tsv"),
    )
    assert ended.code == 2
    assert "Expected --dev: trials are compared" in ended.err


def test_without_optuna(bert_keras, files, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    ended = tune(bert_keras, files, "no-encoder")
    assert ended.code == 2
    assert 'pip install "bert-keras[tune]"' in ended.err
    assert "Traceback" not in ended.err


def test_ranges_and_choices_are_told_apart():
    assert read_space(["a=1:3", "b=0.1,0.2", "c=x,y", "d=2", "e=true"]) == {
        "a": (1, 3),
        "b": [0.1, 0.2],
        "c": ["x", "y"],
        "d": 2,
        "e": True,
    }
