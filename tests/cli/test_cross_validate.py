"""`cross-validate`: a table, JSON, and bad input."""

import json

import pytest
from tiny_task import SCORES, SINGLE, write_tsv


@pytest.fixture
def files(tmp_path):
    rows = [(f"{n} {text}", label) for n, (text, label) in enumerate(SINGLE)]
    write_tsv(tmp_path / "data.tsv", rows)
    write_tsv(tmp_path / "stars.tsv", SCORES)
    return tmp_path


def cross_validate(run, files, encoder, *more, task="classifier"):
    return run(
        *("cross-validate", task, "--encoder", encoder, "--out", files / "run"),
        *("--data", files / "data.tsv", "--folds", 2, "--epochs", 1, *more),
    )


def test_table_and_json(bert_keras, files, tiny_checkpoint):
    ended = cross_validate(bert_keras, files, tiny_checkpoint, "--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert set(found) == {"run", "metric", "folds", "mean", "deviation"}
    assert "16 examples in 2 folds" in ended.err
    again = cross_validate(bert_keras, files, tiny_checkpoint)
    assert again.code == 0
    lines = again.out.splitlines()
    for row in ("fold", "1", "2", "mean", "deviation"):
        assert sum(f" {row} " in line for line in lines) == 1, row
    assert f"{found['mean']['accuracy']:.4g}" in again.out
    assert (files / "run" / "plots" / "folds.png").exists()


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("classifier", ["--folds", 1], "--folds"),
        ("classifier", ["--data", "none.tsv"], "Expected a file"),
        ("classifier", ["--pooling", "median"], "`pooling` to be one of"),
        ("classifier", ["--precision", "int8"], "Expected `precision`"),
        ("regressor", ["--label-column", "text"], "Expected a text column"),
    ],
)
def test_refused_before_the_encoder_is_loaded(
    bert_keras, files, task, options, message
):
    ended = cross_validate(bert_keras, files, "no-encoder", *options, task=task)
    assert ended.code == 2
    assert message in ended.err
    assert not (files / "run").exists()


def test_more_folds_than_texts(bert_keras, files, tiny_checkpoint):
    ended = cross_validate(
        bert_keras,
        files,
        tiny_checkpoint,
        *("--data", files / "stars.tsv", "--folds", 9),
        task="regressor",
    )
    assert ended.code == 2
    assert "from 2 to 4 folds, the number of different texts" in ended.err
    assert not (files / "run").exists()
