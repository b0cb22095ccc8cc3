"""One text to answer, told from the name of a file of texts."""

import numpy as np
import pytest

from bert_keras.data import (
    DataError,
    is_one_text,
    read_documents,
    read_examples,
    read_questions,
    read_tagged,
)


@pytest.mark.parametrize(
    "text",
    [
        "a fine film",
        "fine",
        "",
        "yes/no",
        "/ and so on",
        "See https://keras.io for more.",
        "https://keras.io is down",
        "one.\ntwo.",
        "nul \0 byte",
        "long " * 2_000,
    ],
)
def test_texts(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_one_text(text)
    assert read_examples(text, labelled=False).texts == [text]
    assert read_tagged(text, labelled=False).texts == [text]


def test_texts_of_other_kinds():
    tf = pytest.importorskip("tensorflow")
    for source in (b"caf\xc3\xa9", np.array("café"), tf.constant("café")):
        assert is_one_text(source)
        assert read_examples(source, labelled=False).texts == ["café"]
        assert read_tagged(source, labelled=False).texts == ["café"]
    for source in (["a"], np.array(["a"]), 5, None, {"text": ["a"]}):
        assert not is_one_text(source)


@pytest.mark.parametrize(
    "name",
    [
        "dev.tsv",
        "Dev.JSONL.gz",
        "my data/the train.csv",
        "train.conll",
        "book.txt",
        "tfds://glue/sst2?split=train",
        "pkg://bert_keras/none",
        "./train",
        "~/train",
        "/data/train",
        "folder",
        "folder/train",
        "file",
    ],
)
def test_names(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("text\none\n")
    assert not is_one_text(name)
    with pytest.raises(DataError, match="Expected"):
        read_examples(name, labelled=False)


def test_a_name_that_is_a_mistake_says_how_to_give_a_text(tmp_path):
    for read in (read_examples, read_tagged):
        with pytest.raises(DataError, match="into a list"):
            read(str(tmp_path / "my texts.tsv"), labelled=False)


def test_files_stay_files(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("text\none\n")
    assert read_examples(str(path), labelled=False).texts == ["one"]


@pytest.mark.parametrize(
    "read", [read_examples, read_tagged, read_questions, read_documents]
)
def test_one_text_is_nothing_to_learn_from(read):
    with pytest.raises(DataError, match="Expected a file"):
        read("a fine film")
