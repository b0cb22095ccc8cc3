"""Labels, paths and texts that would move the cursor, or vanish in markup."""

import json

import pytest

from bert_keras.tasks import TextClassifier, TokenTagger

LABELS = ["[/b]", "a\tb", "\x1b[31mred", "new\nline", ":smile:", "[bold]x"]
SHOWN = ["[/b]", r"a\tb", r"\x1b[31mred", r"new\nline", ":smile:", "[bold]x"]


@pytest.fixture(scope="module")
def folder(tiny_checkpoint, tmp_path_factory):
    """A task with a fresh head, which answers everything."""
    task = TextClassifier.from_handle(tiny_checkpoint, labels=LABELS)
    task.trained = True
    return task.save(tmp_path_factory.mktemp("foreign") / "[/b] run")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "[/i]\x1b[2J.jsonl"  # a folder `[`, a file in it
    path.parent.mkdir()
    rows = [
        {"text": f"a\x1b film {number}", "label": label}
        for number, label in enumerate(LABELS)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def is_safe(ended):
    text = ended.out + ended.err
    return not set(text) & {"\x1b", "\x07", "\r", "\x9b", "\x00"}


def test_report(bert_keras, folder, file):
    ended = bert_keras("evaluate", folder, file)
    assert ended.code == 0, ended.err
    assert is_safe(ended)
    assert all(label in ended.out for label in SHOWN)


def test_answers(bert_keras, folder, file):
    ended = bert_keras("predict", folder, "--input", file)
    assert ended.code == 0, ended.err
    assert is_safe(ended)
    rows = [line.split("\t") for line in ended.out.splitlines()]
    assert [len(row) for row in rows] == [3] * len(LABELS)
    assert {row[0] for row in rows} <= set(SHOWN)
    assert rows[0][2] == r"a\x1b film 0"


def test_answers_as_json(bert_keras, folder, file):
    ended = bert_keras("predict", folder, "--input", file, "--json")
    assert is_safe(ended)
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert answers[0]["text"] == "a\x1b film 0"
    assert set(answers[0]["scores"]) == set(LABELS)


def test_entities(bert_keras, tiny_checkpoint, tmp_path):
    task = TokenTagger.from_handle(tiny_checkpoint, labels=["a\tb", "\x1b[1m"])
    task.trained = True
    folder = task.save(tmp_path / "task")
    ended = bert_keras("predict", folder, "good\x1b film\tthere")
    assert ended.code == 0, ended.err
    assert is_safe(ended)
    assert len(ended.out.rstrip("\n").split("\t")) == 2


def test_inspection(bert_keras, folder):
    ended = bert_keras("inspect", folder)
    assert ended.code == 0, ended.err
    assert is_safe(ended)
    assert "[/b]" in ended.out and r"\x1b[31mred" in ended.out


def test_messages(bert_keras, folder, file):
    for path in (file, file.with_name("[b]none\x1b[2J.jsonl")):
        ended = bert_keras("evaluate", folder, path, "--text-column", "\x1b[b]")
        assert ended.code == 2
        assert is_safe(ended)
        assert r"\x1b[2J.jsonl" in ended.err
