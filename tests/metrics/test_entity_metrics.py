"""Entities and roles counted by hand, and as seqeval counts them."""

import json
from pathlib import Path

import pytest

from bert_keras.data.tags import tag_spans
from bert_keras.metrics import (
    entity_metrics,
    entity_mistakes,
    is_role,
    report,
    role_arguments,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "seqeval.json"
TRUTH = [[(0, 4, "PER"), (8, 12, "LOC")], [(0, 3, "LOC")], []]
FOUND = [[(0, 4, "PER"), (8, 11, "LOC")], [(0, 3, "PER")], [(5, 6, "LOC")]]


def test_by_hand():
    found = entity_metrics(TRUTH, FOUND, ["LOC", "PER"])
    assert found["examples"] == 3
    assert found["entities"] == 3
    assert found["precision"] == 1 / 4
    assert found["recall"] == 1 / 3
    assert found["f1"] == pytest.approx(2 / 7)
    assert found["per_class"]["PER"] == {
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(2 / 3),
        "support": 1,
    }
    assert found["macro_f1"] == pytest.approx(1 / 3)
    assert found["confusion_matrix"] == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert found["mistakes"] == {
        "missed": 0,
        "spurious": 1,
        "type": 1,
        "boundary": 1,
    }


def test_nothing_to_find():
    found = entity_metrics([[]], [[]], ["A"])
    assert (found["f1"], found["macro_f1"], found["entities"]) == (0, 0, 0)
    with pytest.raises(ValueError, match="at least one text"):
        entity_metrics([], [], ["A"])


def test_a_label_that_no_model_answers_is_missed():
    found = entity_metrics([[(0, 1, "NEW")]], [[]], ["A"])
    assert found["recall"] == 0.0
    assert found["per_class"]["NEW"]["support"] == 1


def test_the_report_names_each_label():
    import io

    import rich.console

    console = rich.console.Console(file=io.StringIO(), width=70)
    console.print(report(entity_metrics(TRUTH, FOUND, ["LOC", "PER"])))
    text = console.file.getvalue()
    assert "precision 0.250 · recall 0.333 · F1 0.286" in text
    assert "PER" in text


@pytest.mark.parametrize(
    "case", json.loads(GOLDEN.read_text())["cases"], ids=lambda c: c["name"]
)
def test_as_seqeval_counts(case):
    truth, found = (
        [tag_spans(tags, "IOB2")[0] for tags in case[name]]
        for name in ("truth", "answers")
    )
    ours = entity_metrics(truth, found, case["labels"])
    for name in ("precision", "recall", "f1", "macro_f1"):
        assert ours[name] == pytest.approx(case[name], abs=1e-9)
    for label, row in case["per_class"].items():
        assert ours["per_class"][label] == pytest.approx(row, abs=1e-9)


def test_mistakes_the_most_certain_first():
    texts = ["Anna in Rome", "Bob", "hello you"]
    scores = [[0.9, 0.8], [0.6, 0.0], [0.95, 0.0]]
    rows = entity_mistakes(texts, TRUTH, FOUND, scores)
    assert [row["mistake"] for row in rows] == ["spurious", "boundary", "type"]
    assert (rows[1]["entity"], rows[1]["found"]) == ("Rome", "Rom")
    assert [row["index"] for row in rows] == [2, 0, 1]
    missed = entity_mistakes(texts, TRUTH, [[], [], []], scores)
    assert [row["entity"] for row in missed] == ["Anna", "Rome", "Bob"]
    assert {row["mistake"] for row in missed} == {"missed"}


def test_parts_of_a_role_count_together():
    spans = [(0, 2, "A1"), (3, 4, "V"), (5, 6, "C-A1"), (7, 8, "R-A1")]
    assert role_arguments(spans) == [
        (((0, 2), (5, 6)), "A1"),
        (((7, 8),), "R-A1"),
    ]
    half = [(0, 2, "A1"), (3, 4, "V"), (7, 8, "R-A1")]
    truth, found = [role_arguments(spans)], [role_arguments(half)]
    measured = entity_metrics(truth, found, ["A1", "R-A1"])
    assert (measured["precision"], measured["recall"]) == (0.5, 0.5)
    assert measured["mistakes"]["boundary"] == 1
    assert role_arguments([(5, 6, "C-A2")]) == [(((5, 6),), "A2")]
    assert [is_role(name) for name in ("A1", "C-A1", "V")] == [1, 0, 0]
