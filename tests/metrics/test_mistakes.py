import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert_keras.metrics import (
    largest_errors,
    read_mistakes_tsv,
    worst_mistakes,
    write_mistakes_tsv,
)

ANSWERS = {
    "label_ids": [0, 1, 1, 0],
    "scores": [[0.75, 0.25], [0.625, 0.375], [0.875, 0.125], [0.25, 0.75]],
    "labels": ["bad", "good"],
}
TEXTS = ["right", "unsure", "sure", "in between"]


def test_most_confident_mistake_comes_first():
    rows = worst_mistakes(TEXTS, **ANSWERS)
    assert [row["text"] for row in rows] == ["sure", "in between", "unsure"]
    assert rows[0] == {
        "index": 2,
        "text": "sure",
        "label": "good",
        "predicted": "bad",
        "score": 0.875,
        "label_score": 0.125,
    }


def test_limit_and_pairs():
    rows = worst_mistakes(TEXTS, ["w", "x", "y", "z"], **ANSWERS, limit=1)
    assert len(rows) == 1
    assert (rows[0]["text_a"], rows[0]["text_b"]) == ("sure", "y")


def test_no_mistakes():
    answers = {**ANSWERS, "label_ids": [0, 0, 0, 1]}
    assert worst_mistakes(TEXTS, **answers) == []


def test_one_text_too_few():
    with pytest.raises(ValueError, match="Expected 4 texts"):
        worst_mistakes(TEXTS[:3], **ANSWERS)
    with pytest.raises(ValueError, match="'text_b'"):
        worst_mistakes(TEXTS, ["w"], **ANSWERS)


def test_largest_error_comes_first_and_exact_answers_stay_out():
    rows = largest_errors(
        ["exact", "high", "low"],
        targets=[1.0, 1.0, 5.0],
        predictions=[1.0, 1.5, 3.0],
    )
    assert [(row["text"], row["error"]) for row in rows] == [
        ("low", -2.0),
        ("high", 0.5),
    ]


def test_file_by_hand(tmp_path):
    path = tmp_path / "new" / "mistakes.tsv"
    rows = largest_errors(["a\tb\r\n\\t"], targets=[1.0], predictions=[1.5])
    write_mistakes_tsv(path, rows)
    assert path.read_bytes() == (
        b"index\ttext\ttarget\tprediction\terror\n"
        b"0\ta\\tb\\r\\n\\\\t\t1.0\t1.5\t0.5\n"
    )
    assert read_mistakes_tsv(path) == rows


def test_no_rows_make_an_empty_file(tmp_path):
    write_mistakes_tsv(tmp_path / "m.tsv", [])
    assert (tmp_path / "m.tsv").read_bytes() == b""
    assert read_mistakes_tsv(tmp_path / "m.tsv") == []


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("old")

    class Unprintable:
        def __str__(self):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_mistakes_tsv(path, [{"text": Unprintable()}])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@given(text=st.text(st.characters()), text_b=st.text("\\\t\n\r\"tnru2028 '"))
def test_any_text_stays_on_one_line_and_comes_back(
    tmp_path_factory, text, text_b
):
    path = tmp_path_factory.mktemp("mistakes") / "m.tsv"
    rows = worst_mistakes(
        [text],
        [text_b],
        label_ids=[0],
        scores=[[1 / 3, 2 / 3]],
        labels=["bad", "g\tood"],
    )
    write_mistakes_tsv(path, rows)
    written = path.read_text(encoding="utf-8")
    assert len(written.splitlines()) == 2
    table = csv.reader(
        written.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    assert [len(row) for row in table] == [7, 7]
    assert read_mistakes_tsv(path) == rows
