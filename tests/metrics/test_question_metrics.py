"""The report on answers to questions, by hand."""

import pytest

from bert_keras.metrics import question_metrics, question_mistakes
from bert_keras.metrics.questions import answer_type

TRUTHS = [["Paris"], ["in 1815", "1815"], [], []]
ANSWERS = ["Paris", "", "", "Rome"]
BEST = ["Paris", "in 1815", "Bonn", "Rome"]
NONE = [0.1, 0.6, 0.9, 0.4]


def test_questions_without_an_answer():
    found = question_metrics(
        ["short"] * 3 + ["long " * 500],
        TRUTHS,
        ANSWERS,
        best=BEST,
        no_answer_scores=NONE,
    )
    assert found["examples"] == 4
    assert found["f1"] == found["exact_match"] == 0.5
    assert found["answered_f1"] == 0.5
    assert found["unanswered_accuracy"] == 0.5
    # Paris answered and nothing else: both without an answer are right.
    assert found["best_f1"] == 0.75
    assert found["best_threshold"] == pytest.approx(0.25)
    assert {k: v["examples"] for k, v in found["by_length"].items()} == {
        "up to 100 words": 3,
        "up to 800 words": 1,
    }
    assert {
        k: (v["examples"], v["f1"]) for k, v in found["by_type"].items()
    } == {
        "none": (2, 0.5),
        "date": (1, 0.0),
        "name": (1, 1.0),
    }


def test_questions_that_all_have_answers():
    found = question_metrics(
        ["c"], [["a b"]], ["b"], best=["b"], no_answer_scores=[0.0]
    )
    # "a" is an article: nothing but "b" counts.
    assert found["f1"] == 1.0
    assert "best_f1" not in found


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("May 1815", "date"),
        ("the 1920s", "date"),
        ("10th century", "date"),
        ("300 km", "number"),
        ("three hundred", "phrase"),
        ("the Bank of England", "name"),
        ("steam turbines", "phrase"),
        ("because the water boils first", "clause"),
        ("", "none"),
    ],
)
def test_kinds_of_answers(answer, kind):
    assert answer_type(answer) == kind


def test_the_worst_mistakes_come_first():
    rows = question_mistakes(
        ["q1", "q2", "q3"],
        [["big cat"], ["Ada"], ["x"]],
        ["cat", "Bob", "x"],
        [0.9, 0.5, 0.9],
    )
    assert [(row["index"], row["predicted"]) for row in rows] == [
        (1, "Bob"),
        (0, "cat"),
    ]
    assert rows[1]["f1"] == pytest.approx(2 / 3)
