"""Questions on the command line: a task's folder is asked and measured."""

import functools
import io
import json
import sys

import pytest
from tiny_task import write_tsv

from bert_keras.cli import opened
from bert_keras.tasks import QuestionAnswerer


@functools.cache
def _load(folder):
    return _open_saved(opened.find_saved(folder))


_open_saved = opened.open_saved
CONTEXT = "the good film is a play . it is not dull"
ROWS = [
    ("good?", CONTEXT, "film"),
    ("bad?", CONTEXT, ""),
    ("dull?", "dull play", "dull"),
]


@pytest.fixture(scope="module")
def folder(tiny_checkpoint, tmp_path_factory):
    """A task with a fresh head, which answers everything."""
    task = QuestionAnswerer.from_handle(
        tiny_checkpoint, unanswerable=True, threshold=1.0
    )
    task.trained = True
    return task.save(tmp_path_factory.mktemp("qa") / "task")


@pytest.fixture
def file(tmp_path):
    return write_tsv(
        tmp_path / "dev.tsv", ROWS, ("question", "context", "answer")
    )


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch):
    monkeypatch.setattr(
        opened, "open_saved", lambda saved, **_: _load(saved.folder)
    )


def test_predict(bert_keras, folder, file):
    given = bert_keras("predict", folder, "good?", CONTEXT, "--json")
    assert given.code == 0, given.err
    answer = json.loads(given.out)
    assert answer["context"] == CONTEXT
    assert CONTEXT[answer["start"] : answer["end"]] == answer["answer"] != ""
    assert answer["answers"][0]["answer"] == answer["answer"]
    read = bert_keras("predict", folder, "--input", file, "--json")
    rows = [json.loads(line) for line in read.out.splitlines()]
    assert [row["question"] for row in rows] == ["good?", "bad?", "dull?"]
    assert rows[0]["answer"] == answer["answer"]
    people = bert_keras("predict", folder, "good?", CONTEXT)
    assert people.out.split("\t")[0] == answer["answer"]
    odd = bert_keras("predict", folder, "good?")
    assert odd.code == 2 and "even number of texts" in odd.err


def test_predict_reads_objects_from_stdin(bert_keras, folder, monkeypatch):
    rows = [
        {"id": 7, "context": CONTEXT, "question": "good?", "answers": []},
        {"id": 8, "context": "", "question": "bad?"},
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()

    def ask(*more):
        stdin = io.TextIOWrapper(io.BytesIO(content))
        monkeypatch.setattr(sys, "stdin", stdin)
        return bert_keras("predict", folder, "--input", "-", "--json", *more)

    given = ask("--format", "jsonl")
    assert given.code == 0, given.err
    answers = [json.loads(line) for line in given.out.splitlines()]
    assert [row["question"] for row in answers] == ["good?", "bad?"]
    assert answers[0]["answer"] in CONTEXT and answers[1]["answer"] == ""
    plain = ask()
    assert plain.code == 2 and "--format jsonl" in plain.err


def test_evaluate(bert_keras, folder, file):
    ended = bert_keras("evaluate", folder, file, "--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert found["examples"] == 3
    assert found["unanswered_accuracy"] == 0.0
    assert found["best_f1"] >= found["f1"]
    people = bert_keras("evaluate", folder, file)
    for words in ("exact match", "type of answer", "length of the text"):
        assert words in people.out


def test_bad_answers_are_named_before_anything_is_loaded(
    bert_keras, tiny_checkpoint, tmp_path
):
    file = write_tsv(
        tmp_path / "bad.tsv",
        [*ROWS, ("who?", CONTEXT, "Ada")],
        ("question", "context", "answer"),
    )
    asked = ("--encoder", "nowhere", "--train", file, "--out", tmp_path / "run")
    ended = bert_keras("train", "qa", *asked)
    assert ended.code == 2
    assert f"{file}:5: 'Ada' does not occur in the context" in ended.err
    assert "--bad-rows skip" in ended.err
    skipped = bert_keras("train", "qa", *asked, "--bad-rows", "skip")
    assert skipped.code == 2 and "nowhere" in skipped.err
    assert not (tmp_path / "run").exists()
