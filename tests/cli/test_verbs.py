"""Each verb on a task folder and on an exported version."""

import functools
import io
import json
import shutil
import sys

import pytest
from tiny_task import SINGLE, write_tsv

from bert_keras import __version__
from bert_keras.cli import opened
from bert_keras.cli import predict as predict_module

# Loading takes seconds: tests of what is read and printed share one task.


@functools.cache
def _load(folder):
    return _open_saved(opened.find_saved(folder))


_open_saved = opened.open_saved
TEXTS = ["a good film", "the bad film", "naïve 東京", ""]


@pytest.fixture
def dev(tmp_path):
    return write_tsv(tmp_path / "dev.tsv", SINGLE)


@pytest.fixture
def loaded_once(monkeypatch):
    monkeypatch.setattr(
        opened, "open_saved", lambda saved, **_: _load(saved.folder)
    )


def lines(ended):
    """The JSON of each line, on a stdout where nothing else stands."""
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def plain(rows):
    """Answers whose numbers two processes may round differently."""
    return [
        (row["text"], row["label"], pytest.approx(row["scores"], abs=1e-5))
        for row in rows
    ]


# === Measuring and answering ===
def test_evaluate_says_the_same_of_task_and_export(
    bert_keras, tmp_path, tiny_task_folder, tiny_export
):
    dev = write_tsv(tmp_path / "dev.tsv", [*SINGLE, ("very " * 20, "pos")])
    (task,) = lines(bert_keras("evaluate", tiny_task_folder, dev, "--json"))
    (export,) = lines(bert_keras("evaluate", tiny_export, dev, "--json"))
    assert task["accuracy"] == export["accuracy"]
    assert task["confusion_matrix"] == export["confusion_matrix"]
    assert task["calibration_error"] == pytest.approx(
        export["calibration_error"], abs=1e-5
    )
    assert task["long_texts"] == export["long_texts"]
    assert task["long_texts"]["lost_tokens"] == 8


@pytest.mark.usefixtures("loaded_once")
def test_evaluate_prints_a_table_for_people(bert_keras, dev, tiny_task_folder):
    ended = bert_keras("evaluate", tiny_task_folder, dev)
    assert ended.code == 0
    assert "accuracy" in ended.out
    assert "neg" in ended.out and "pos" in ended.out


def test_predict_says_the_same_of_task_and_export(
    bert_keras, tiny_task_folder, tiny_export
):
    task = lines(bert_keras("predict", tiny_task_folder, *TEXTS, "--json"))
    export = lines(bert_keras("predict", tiny_export, *TEXTS, "--json"))
    assert [row["text"] for row in task] == TEXTS
    assert set(task[0]) == {"text", "label", "score", "scores"}
    assert set(task[0]["scores"]) == {"neg", "pos"}
    assert [(r["text"], r["label"], r["scores"]) for r in export] == plain(task)


def test_a_folder_of_versions_is_its_newest(bert_keras, tiny_export):
    newest = bert_keras("predict", tiny_export.parent, "a text", "--json")
    assert newest == bert_keras("predict", tiny_export, "a text", "--json")
    assert newest.code == 0


@pytest.mark.usefixtures("loaded_once")
def test_predict_prints_a_line_for_each_text(bert_keras, tiny_task_folder):
    ended = bert_keras("predict", tiny_task_folder, "two\n\tlines", "good")
    first, second = ended.out.splitlines()
    label, score, text = first.split("\t")
    assert label in ("neg", "pos")
    assert 0.5 <= float(score) <= 1.0
    assert text == "two lines"
    assert second.endswith("\tgood")


@pytest.mark.usefixtures("loaded_once")
@pytest.mark.parametrize("name", ["texts.txt", "texts.tsv", "texts.jsonl"])
def test_predict_reads_files(bert_keras, tiny_task_folder, tmp_path, name):
    path = tmp_path / name
    content = {
        "texts.txt": "a good film\nthe bad film\n",
        "texts.tsv": "id\ttext\n1\ta good film\n2\tthe bad film\n",
        "texts.jsonl": '{"text": "a good film"}\n{"text": "the bad film"}\n',
    }
    path.write_text(content[name])
    found = lines(
        bert_keras("predict", tiny_task_folder, "--input", path, "--json")
    )
    expected = lines(
        bert_keras("predict", tiny_task_folder, *TEXTS[:2], "--json")
    )
    assert [(r["text"], r["label"], r["scores"]) for r in found] == plain(
        expected
    )


def stdin_of(content: bytes):
    return io.TextIOWrapper(io.BytesIO(content), encoding="ascii")


@pytest.mark.usefixtures("loaded_once")
def test_predict_reads_stdin(bert_keras, tiny_task_folder, monkeypatch):
    content = "a good film\n\nnaïve 東京\r\nno end".encode()
    monkeypatch.setattr(sys, "stdin", stdin_of(content))
    found = lines(
        bert_keras("predict", tiny_task_folder, "--input", "-", "--json")
    )
    texts = [row["text"] for row in found]
    assert texts == ["a good film", "", "naïve 東京", "no end"]


@pytest.mark.usefixtures("loaded_once")
def test_nothing_on_stdin_is_no_answer(
    bert_keras, tiny_task_folder, monkeypatch
):
    monkeypatch.setattr(sys, "stdin", stdin_of(b""))
    assert bert_keras("predict", tiny_task_folder, "--input", "-") == (
        0,
        "",
        "",
    )


@pytest.mark.usefixtures("loaded_once")
def test_predict_answers_before_all_is_read(
    bert_keras, tiny_task_folder, monkeypatch
):
    written = io.StringIO()
    monkeypatch.setattr(predict_module, "_CHUNK", 2)

    def endless():
        for number in range(6):
            # Three chunks: the first is answered while the second is read.
            assert len(written.getvalue().splitlines()) >= number // 2 * 2 - 2
            yield "a film\n"
        assert len(written.getvalue().splitlines()) >= 4

    monkeypatch.setattr(sys, "stdin", endless())
    monkeypatch.setattr(
        predict_module, "print_line", lambda *_: written.write("line\n")
    )
    ended = bert_keras("predict", tiny_task_folder, "--input", "-")
    assert ended.code == 0, ended.err
    assert len(written.getvalue().splitlines()) == 6


# === Looking ===
def test_inspect_a_checkpoint(bert_keras, tiny_checkpoint):
    (found,) = lines(bert_keras("inspect", tiny_checkpoint, "--json"))
    assert found["architecture"]["hidden_size"] == 20
    assert found["format"] == "huggingface"


def test_inspect_a_task(bert_keras, tiny_task_folder):
    (found,) = lines(bert_keras("inspect", tiny_task_folder, "--json"))
    assert found["format"] == "bert_keras"
    assert found["task"] == "classifier"
    assert found["problem"]["labels"] == ["neg", "pos"]
    assert found["heads"] == {
        "sequence_classifier": {"dense/kernel": [20, 2], "dense/bias": [2]}
    }
    assert found["origin"]["handle"] == str(tiny_task_folder)
    assert len(found["weights_sha256"]) == 64


def test_inspect_an_export(bert_keras, tiny_export):
    (found,) = lines(bert_keras("inspect", tiny_export, "--json"))
    assert found["precision"] == "float32"
    assert found["architecture"]["hidden_size"] == 20
    assert found["labels"] == ["neg", "pos"]
    (newest,) = lines(bert_keras("inspect", tiny_export.parent, "--json"))
    assert newest["folder"] == found["folder"]
    ended = bert_keras("inspect", tiny_export)
    assert ended.code == 0
    for shown in ("precision", "float32", "do_lower_case", "weights sha256"):
        assert shown in ended.out


def test_inspect_compares_every_file(
    bert_keras, tiny_export, tiny_checkpoint, tmp_path
):
    folder = shutil.copytree(tiny_export, tmp_path / "1")
    (found,) = lines(bert_keras("inspect", folder, "--check", "--json"))
    assert {"saved_model.pb", "README.md", "vocab.txt"} < set(found["checked"])
    (folder / "README.md").write_text("# Another\n")
    assert bert_keras("inspect", folder).code == 0
    ended = bert_keras("inspect", folder, "--check")
    assert ended.code == 2
    assert "README.md: Expected the file that was written" in ended.err
    ended = bert_keras("inspect", tiny_checkpoint, "--check")
    assert ended.code == 2
    assert "with digests of its files. Received: none" in ended.err


# === The program itself ===
def test_the_version(bert_keras):
    ended = bert_keras("--version")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"bert-keras {__version__}\n"
