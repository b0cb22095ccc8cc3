"""Questions from files and lists; bad ones are counted, listed, left out."""

import gzip
import json

import numpy as np
import pytest

from bert_keras.data import Answer, DataError, read_questions

CONTEXT = "Ada met Ada in Paris."
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Ada",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "q1",
                            "question": "Who?",
                            "answers": [
                                {"text": "Ada", "answer_start": 8},
                                {"text": "Ada in Paris", "answer_start": 8},
                            ],
                        },
                        {
                            "id": "q2",
                            "question": "When?",
                            "answers": [],
                            "plausible_answers": [
                                {"text": "Ada", "answer_start": 0}
                            ],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        }
    ],
}
ANSWERS = [[Answer("Ada", 8), Answer("Ada in Paris", 8)], []]


def write(path, *rows):
    text = "\n".join(
        row if isinstance(row, str) else json.dumps(row) for row in rows
    )
    path.write_text(text + "\n", encoding="utf-8")
    return path


def test_squad(tmp_path):
    found = read_questions(write(tmp_path / "a.json", SQUAD))
    assert found.questions == ["Who?", "When?"]
    assert found.contexts == [CONTEXT, CONTEXT]
    assert found.answers == ANSWERS
    assert found.where(0) == f"{tmp_path / 'a.json'}, question q1"
    unlabelled = read_questions(tmp_path / "a.json", labelled=False)
    assert unlabelled.answers is None and len(unlabelled) == 2


@pytest.mark.parametrize(
    "given",
    [
        "Paris",
        ["Paris"],
        ("Paris", 15),
        [("Paris", 15)],
        [{"text": "Paris", "answer_start": 15}],
        {"text": ["Paris"], "answer_start": [15]},
        {"text": ["Paris"]},
    ],
)
def test_forms_of_answers(given, tmp_path):
    found = read_questions([("Where?", CONTEXT, given)])
    assert found.answers == [[Answer("Paris", 15)]]
    row = {"question": "Where?", "context": CONTEXT, "answers": given}
    if isinstance(given, tuple):
        row["answers"] = [given]
    assert read_questions(write(tmp_path / "a.jsonl", row)).answers == (
        found.answers
    )
    assert read_questions({k: [v] for k, v in row.items()}).answers == (
        found.answers
    )


@pytest.mark.parametrize("none", ["", [], None, {"text": []}])
def test_no_answer_is_said(none):
    assert read_questions([("Where?", CONTEXT, none)]).answers == [[]]


def test_tsv_and_columns_by_name(tmp_path):
    path = write(
        tmp_path / "a.tsv",
        "question\tcontext\tanswer\tanswer_start",
        f"Who?\t{CONTEXT}\tAda\t8",
        f"Who?\t{CONTEXT}\tAda\t",
        f"Why?\t{CONTEXT}\t\t",
    )
    found = read_questions(path)
    assert found.answers == [[Answer("Ada", 8)], [Answer("Ada", 0)], []]
    assert found.where(2) == f"{path}:4"
    path = write(tmp_path / "b.csv", "q,t,a", f"Who?,{CONTEXT},Ada")
    found = read_questions(path, question="q", context="t", answer="a")
    assert found.answers == [[Answer("Ada", 0)]]
    with pytest.raises(DataError, match="Expected a column 'question'"):
        read_questions(path)


def test_compressed(tmp_path):
    row = {"question": "Who?", "context": CONTEXT, "answers": "Ada"}
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(row).encode()))
    assert read_questions(path).answers == [[Answer("Ada", 0)]]
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(json.dumps(SQUAD).encode()))
    assert read_questions(path).answers == ANSWERS


BAD = [
    {"question": "Who?", "context": CONTEXT, "answers": "Bob"},
    {"question": "a", "context": CONTEXT, "answers": [["Ada", 7]]},
    {"question": "b", "context": CONTEXT, "answers": [["Ada", 999]]},
    {"question": "c", "context": CONTEXT, "answers": [["Ada", -3]]},
    {"question": "d", "context": CONTEXT},
    {"question": "e", "answers": "Ada"},
    "{broken",
    {"question": "f", "context": CONTEXT, "answers": ["Paris", "Rome"]},
    {"question": "g", "context": CONTEXT, "answers": "Paris"},
]


def test_bad_rows_are_refused_and_listed_by_line(tmp_path):
    path = write(tmp_path / "a.jsonl", *BAD)
    with pytest.raises(DataError) as error:
        read_questions(path)
    message = str(error.value)
    assert "Received 8 bad rows" in message
    assert f"{path}:1: 'Bob' does not occur in the context" in message
    assert f"{path}:2: 'Ada' does not occur at 7 (nearest: 8)" in message
    assert "and 3 more" in message
    assert "--bad-rows skip" in message


def test_bad_rows_are_skipped_or_repaired(tmp_path, caplog):
    path = write(tmp_path / "a.jsonl", *BAD)
    found = read_questions(path, bad_rows="skip")
    assert found.questions == ["g"]
    assert (found.left_out, found.repaired) == (8, 0)
    assert "Left out 8 bad rows" in caplog.text
    found = read_questions(path, bad_rows="repair")
    assert found.questions == ["a", "b", "c", "f", "g"]
    assert [row[0].start for row in found.answers] == [8, 8, 0, 15, 15]
    assert (found.left_out, found.repaired) == (4, 4)
    with pytest.raises(ValueError, match="`bad_rows`"):
        read_questions(path, bad_rows="ignore")


def test_a_bad_question_of_squad_leaves_the_others(tmp_path, caplog):
    good = {"id": "1", "question": "Who?", "answers": [{"text": "Ada"}]}
    bad = [
        good | {"id": "2", "answers": [{"text": "Bob", "answer_start": 8}]},
        good | {"id": "3", "answers": [{"answer_start": 8}]},
        good | {"id": "4", "answers": [{"text": "Ada", "answer_start": "8"}]},
        good | {"id": "5", "answers": [{"text": " ", "answer_start": 2}]},
        good | {"id": "6", "answers": []},
        {"id": "7", "answers": good["answers"]},
    ]
    paragraph = {"context": CONTEXT, "qas": [good, *bad]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    with pytest.raises(DataError) as error:
        read_questions(path)
    message = str(error.value)
    assert "Received 6 bad rows" in message
    assert f"{path}, question 2: 'Bob' does not occur" in message
    assert f"{path}, question 3: no 'text'" in message
    assert f"{path}, question 5: ' ' is empty" in message
    found = read_questions(path, bad_rows="skip")
    assert (found.questions, found.left_out) == (["Who?"], 6)


def test_ragged_rows_of_a_table(tmp_path, caplog):
    path = tmp_path / "a.tsv"
    path.write_text(
        "question\tcontext\tanswer\tanswer_start\n"
        f"Who?\t{CONTEXT}\n"
        f"Who?\t{CONTEXT}\tAda\t8\tmore\n"
        f"Who?\t{CONTEXT}\tAda\teight\n"
        f"Who?\t{CONTEXT}\tAda\t8\n"
    )
    with pytest.raises(DataError) as error:
        read_questions(path)
    message = str(error.value)
    assert f"{path}:2: expected 4 cells" in message
    assert f"{path}:3: expected 4 cells" in message
    assert f"{path}:4: expected a whole number as answer_start" in message
    found = read_questions(path, bad_rows="repair")
    assert (len(found), found.left_out, found.repaired) == (1, 3, 0)
    assert "Repaired 0, left out 3. Found 3 bad rows" in caplog.text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{", "Expected a SQuAD file"),
        ("a.json", "[1]", "Expected a SQuAD file"),
        ("a.json", '{"data": [{"paragraphs": [{}]}]}', "Expected a SQuAD file"),
        ("a.json", '{"data": []}', "Expected at least one question"),
        ("a.txt", "", "ends in .json"),
        ("a.jsonl", '{"text": 1}\n', "Expected a column 'context'"),
        ("a.jsonl", '{"question": 1, "context": ""}\n', "expected a text as"),
    ],
)
def test_other_files_are_refused(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=message):
        read_questions(tmp_path / name)


@pytest.mark.parametrize(
    "source", [["a question"], [("a", 1)], [("a", "b", 3)], 5, b"x"]
)
def test_other_lists_are_refused(source):
    with pytest.raises(DataError, match=r"question, context|expected"):
        read_questions(source)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "questions", "unanswerable"),
    [("dev-v1.1", 10_570, 0), ("dev-v2.0", 11_873, 5_945)],
)
def test_published_files(data, name, questions, unanswerable):
    found = read_questions(data / "squad" / f"{name}.json")
    assert len(found) == questions
    assert sum(not answers for answers in found.answers) == unanswerable


PAIR = ("Who?", CONTEXT)


@pytest.mark.parametrize(
    "source",
    [
        [PAIR, PAIR],
        np.array([PAIR, PAIR]),
        (pair for pair in [PAIR, list(PAIR)]),
        {"question": ["Who?"] * 2, "context": np.array([CONTEXT] * 2)},
    ],
)
def test_answers_beside_questions(source):
    found = read_questions(source, ["Paris", ("Ada", 8)], [1, 0.5])
    assert found.questions == ["Who?"] * 2
    assert found.answers == [[Answer("Paris", 15)], [Answer("Ada", 8)]]
    assert found.weights.tolist() == [1, 0.5]


def test_answers_of_other_kinds_beside_questions():
    for labels in (np.array(["Ada"]), [b"Ada"], iter([["Ada"]])):
        assert read_questions([PAIR], labels).answers == [[Answer("Ada", 0)]]
    assert read_questions([PAIR], [""]).answers == [[]]


def test_one_question():
    assert read_questions(PAIR, labelled=False).questions == ["Who?"]
    assert read_questions((*PAIR, "Ada")).answers == [[Answer("Ada", 0)]]


def test_weights_stay_with_their_questions(tmp_path):
    rows = [(*PAIR, "Ada"), (*PAIR, "Bob"), (*PAIR, "Paris")]
    found = read_questions(rows, sample_weight=[1, 2, 3], bad_rows="skip")
    assert found.weights.tolist() == [1, 3]
    row = {"question": "Who?", "context": CONTEXT, "answers": "Ada"}
    path = write(
        tmp_path / "a.jsonl",
        row | {"sample_weight": 2},
        row | {"sample_weight": 0.5},
    )
    assert read_questions(path).weights.tolist() == [2, 0.5]
    write(path, row | {"sample_weight": 2}, row)
    with pytest.raises(DataError, match="a sample weight for every example"):
        read_questions(path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([PAIR, PAIR], ["Ada"]), "2 texts and 1 of `labels`"),
        (([PAIR], ["Ada"], [1, 2]), "1 texts and 2 of `sample_weight`"),
        (([PAIR], ["Ada"], [-1]), "index 0: expected a sample weight"),
        (([(*PAIR, "Ada")], ["Ada"]), "index 0: expected .question, context"),
        (("a.jsonl", ["Ada"]), "along with `labels`"),
        (([PAIR], "dev.json"), "Pass validation data by name"),
    ],
)
def test_what_stands_beside_questions_and_is_refused(given, message):
    with pytest.raises(DataError, match=message):
        read_questions(*given)


@pytest.mark.parametrize(
    "elements",
    [
        (["Who?"], [CONTEXT], ["Ada"]),
        ((["Who?"], [CONTEXT]), ["Ada"]),
        ({"question": ["Who?"], "context": [CONTEXT]}, [["Ada"]]),
        {"question": ["Who?"], "context": [CONTEXT], "answers": ["Ada"]},
    ],
)
def test_datasets(elements):
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices(elements).repeat()
    found = read_questions(dataset, limit=2)
    assert found.questions == ["Who?", "Who?"]
    assert found.answers == [[Answer("Ada", 0)]] * 2


def test_a_dataset_of_questions_with_weights():
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensors((PAIR, "Ada", 0.5))
    assert read_questions(dataset).weights.tolist() == [0.5]
    pairs = tf.data.Dataset.from_tensors(PAIR)
    assert read_questions(pairs, labelled=False).contexts == [CONTEXT]


def test_limit():
    assert len(read_questions([PAIR] * 3, ["Ada"] * 3, limit=2)) == 2
