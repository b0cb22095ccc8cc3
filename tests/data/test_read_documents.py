import gzip
import itertools

import numpy as np
import pytest

from bert_keras.data import DataError, Documents, read_documents

BOOK = "I.\nIt rained.\n\n \n  And how!  \n\nII.\r\nThe end.\n"
LINES = ["I.", "It rained.", "And how!", "II.", "The end."]


def test_a_book(tmp_path):
    (tmp_path / "book.txt").write_bytes(BOOK.encode())
    found = read_documents(tmp_path / "book.txt")
    assert found.texts == LINES
    assert found.document_ids == [0, 0, 1, 2, 2]
    with gzip.open(tmp_path / "book.txt.gz", "wt", newline="") as file:
        file.write(BOOK)
    assert read_documents(str(tmp_path / "book.txt.gz")).texts == LINES
    assert read_documents(found) is found


def test_lists():
    assert read_documents([["a", "", "b"], [], ["c"]]) == Documents(
        ["a", "b", "c"], [0, 0, 2]
    )
    assert read_documents(["a", "b"]) == Documents(["a", "b"], [0, 1])


def test_each_row_of_a_table_is_a_document(tmp_path):
    (tmp_path / "a.csv").write_text('id,text\n1,"one, two"\n2,three\n')
    found = read_documents(tmp_path / "a.csv")
    assert (found.texts, found.document_ids) == (["one, two", "three"], [0, 1])
    (tmp_path / "b.jsonl").write_text('{"blurb": "one"}\n')
    assert read_documents(tmp_path / "b.jsonl", text="blurb").texts == ["one"]


@pytest.mark.parametrize("content", ["", "\n \n\t\n"])
def test_nothing_to_read(tmp_path, content):
    (tmp_path / "book.txt").write_text(content)
    with pytest.raises(DataError, match=r"book\.txt: Expected at least one"):
        read_documents(tmp_path / "book.txt")
    with pytest.raises(DataError, match="at least one line"):
        read_documents([["", " "]])


def test_bad_sources(tmp_path):
    with pytest.raises(DataError, match="Expected a file"):
        read_documents(tmp_path / "none.txt")
    (tmp_path / "bad.txt").write_bytes(b"fine\n\xff\n")
    with pytest.raises(DataError, match=r"bad\.txt:2: Expected text in UTF-8"):
        read_documents(tmp_path / "bad.txt")
    with pytest.raises(DataError, match="Expected single texts"):
        read_documents([("a", "b")])
    with pytest.raises(DataError):
        read_documents(["a", ["b"]])


def test_weights():
    found = read_documents([["a", "", "b"], [], ["c"]], sample_weight=[2, 3, 4])
    assert found.weights.tolist() == [2, 2, 4]
    found = read_documents(iter(["a", "b"]), sample_weight=np.array([2, 0.5]))
    assert (found.texts, found.weights.tolist()) == (["a", "b"], [2, 0.5])
    found = read_documents({"text": ["a"], "sample_weight": [3]})
    assert found.weights.tolist() == [3]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((["a"], ["x"]), "Expected no labels"),
        ((["a"], None, [1, 2]), "1 texts and 2 of 'sample_weight'"),
        (([["a"]], None, [1, 2]), "1 texts and 2 of `sample_weight`"),
        (([["a"]], None, [-1]), "index 0: expected a sample weight"),
        ((["a"], None, [-1]), "index 0: expected a sample weight"),
        (("book.txt", None, [1]), "along with `sample_weight`"),
    ],
)
def test_what_stands_beside_documents_and_is_refused(given, message):
    with pytest.raises(DataError, match=message):
        read_documents(*given)


def test_limit():
    lists = [["a", "b"], ["c"], ["d"]]
    assert read_documents(lists, limit=2).texts == ["a", "b", "c"]
    assert read_documents(itertools.repeat("a"), limit=2).texts == ["a", "a"]


def test_a_table_in_a_package():
    file = "pkg://bert_keras/data/customer_messages/dev.tsv"
    found = read_documents(file)
    assert len(found) == 160 and found.source == file
