"""`train multi-task`: a plan becomes tasks; a bad plan is refused at once."""

import json

import pytest
from tiny_task import SCORES, SINGLE, write_tsv

PLAN = """
[mood]
task = "classifier"
train = "{folder}/train.tsv"
dev = "{folder}/train.tsv"
pooling = "mean"

[stars]
task = "regressor"
train = "{folder}/stars.tsv"
label = "given"
"""


@pytest.fixture
def files(tmp_path):
    write_tsv(tmp_path / "train.tsv", SINGLE)
    write_tsv(tmp_path / "stars.tsv", SCORES, columns=("text", "given"))
    return tmp_path


def train(run, files, encoder, *more, plan=PLAN):
    (files / "plan.toml").write_text(plan.format(folder=files))
    return run(
        *("train", "multi-task", files / "plan.toml", "--encoder", encoder),
        *("--out", files / "run", "--epochs", 2, "--batch-size", 4, *more),
    )


def test_two_tasks_of_a_plan(bert_keras, files, tiny_checkpoint):
    ended = train(bert_keras, files, tiny_checkpoint, "--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert set(found["metrics"]) == {"mood", "stars"}
    assert "val_mood_accuracy" in found["history"][1]
    assert "mood: 16 · stars: 16 training examples" in ended.err
    for name, kind in (("mood", "classifier"), ("stars", "regressor")):
        task = json.loads((files / "run" / name / "task.json").read_text())
        assert task["task"] == kind
    again = train(bert_keras, files, tiny_checkpoint)
    assert again.code == 0
    assert "mood\n" in again.out and "accuracy" in again.out
    assert f"{files}/run/stars" in again.err


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("", "Expected a table for each of two tasks"),
        ("[a]\ntask = ", "plan.toml: Expected a TOML file"),
        ('[a]\ntask = "classifier"', "two tasks or more, such as [mood]"),
        ('[a]\n[b]\ntask = "x"', '[a]: Expected task = "...", one of classif'),
        ("a = 1\nb = 2", '[a]: Expected task = "..."'),
        (PLAN + "colour = 1", "[stars]: Expected keys among"),
        (PLAN + "balance = 1", "Received: balance"),
        (PLAN.replace("pooling", "poolling"), "Did you mean pooling?"),
        (PLAN.replace("train = ", "dev2 = "), "Received: dev2"),
        (PLAN.replace('dev = "{folder}/train', 'dev = "{folder}/no'), "no.tsv"),
        (PLAN.replace("given", "text"), "Expected a text column"),
        (PLAN.replace('"mean"', '"median"'), "`pooling` to be one of cls"),
    ],
)
def test_a_bad_plan(bert_keras, files, plan, message):
    ended = train(bert_keras, files, "no-encoder", plan=plan)
    assert ended.code == 2
    assert ended.out == ""
    assert message in ended.err
    assert ended.err.count("error: ") == 1
    assert not (files / "run").exists()


def test_no_plan(bert_keras, tmp_path):
    ended = bert_keras(
        *("train", "multi-task", tmp_path / "none.toml", "--encoder", "x"),
        *("--out", tmp_path / "run"),
    )
    assert ended.code == 2
    assert "none.toml" in ended.err
