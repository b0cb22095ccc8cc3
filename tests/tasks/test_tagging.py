"""Tagging: targets and loss by hand, the battery, and every text there is."""

import numpy as np
import pytest
import tensorflow as tf
from check_task import check_task
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.data import DataError, Span, TaggedExamples
from bert_keras.tasks import Tagging, TokenTagger

NAMES = [
    ("the good film is dull", [(4, 13, "FILM")]),
    ("play, a bad film!", [(8, 16, "FILM")]),
    ("café 1 2", [(0, 4, "PLACE"), (5, 8, "NUMBER")]),
    ("very dull", []),
] * 4
ROLES = [
    ("the film is good", 2, [(0, 8, "A1"), (9, 11, "V"), (12, 16, "A2")]),
    ("good film is the film", 2, [(0, 9, "A1"), (10, 12, "V"), (13, 21, "A2")]),
    ("a film is not a play", 5, [(14, 15, "A1"), (16, 20, "V")]),
    ("play a film", 0, [(0, 4, "V"), (5, 11, "A1")]),
] * 4
FOUND = {"precision", "recall", "f1", "macro_f1"}


@pytest.fixture(scope="module")
def tasks():
    """The trained tasks by kind, for the tests after the battery."""
    return {}


@pytest.mark.parametrize("kind", ["names", "roles"])
def test_battery(kind, tiny_checkpoint, tasks, tmp_path, monkeypatch):
    task = TokenTagger.from_handle(tiny_checkpoint)
    data = NAMES if kind == "names" else ROLES
    check_task(
        task, data, tmp_path, monkeypatch, metrics=FOUND, answer={"entities"}
    )
    tasks[kind] = task
    run = {path.name for path in (tmp_path / "run").rglob("*.*")}
    assert {"metrics.json", "confusion_matrix.png"} <= run


def _needs(tasks, kind):
    if kind not in tasks:
        pytest.skip("the battery did not get this far")
    return tasks[kind]


def test_what_was_learned(tasks):
    task = _needs(tasks, "names")
    assert task.labels == ("FILM", "NUMBER", "PLACE")
    assert task.problem.predicate is False
    (answer,) = task.predict(["the good film is dull"])
    assert [e["text"] for e in answer["entities"]] == ["good film"]
    assert "FILM: good film" == task.problem.summary(answer)
    assert _needs(tasks, "roles").labels == ("A1", "A2", "V")


def test_without_its_predicate_a_text_has_no_roles(tasks):
    task = _needs(tasks, "roles")
    text = "the film is good"
    odd = [(text, 4), (text, -1), ("", 0), (text, 2)]
    counts = [len(answer["entities"]) for answer in task.predict(odd)]
    assert counts[:3] == [0, 0, 0]
    assert counts[3] > 0


def test_other_inputs_than_in_training(tasks):
    with pytest.raises(DataError, match="Expected texts with a predicate"):
        _needs(tasks, "roles").predict(["the film"])
    with pytest.raises(DataError, match="Expected texts without a predicate"):
        _needs(tasks, "names").evaluate(ROLES)
    with pytest.raises(
        DataError, match=r"unknown label 'FILMS' .close: 'FILM'"
    ):
        task = _needs(tasks, "names")
        task.fit([("a film", [(2, 6, "FILMS")])])


ODD = ["aeo. é\u0301東京", "\x00\u200b\u3000\t", "good film", "ﬁΣς😀\ufeff"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("".join(ODD), max_size=20), min_size=1, max_size=4))
def test_an_entity_is_its_slice_of_the_text(tasks, texts):
    task = _needs(tasks, "names")
    for text, answer in zip(texts, task.predict(texts), strict=True):
        reached = 0
        for entity in answer["entities"]:
            assert reached <= entity["start"] < entity["end"] <= len(text)
            assert text[entity["start"] : entity["end"]] == entity["text"]
            assert entity["label"] in task.labels
            assert 0 < entity["score"] <= 1
            reached = entity["end"]


def test_an_odd_row_leaves_the_others_as_they_are(tasks):
    task = _needs(tasks, "names")
    texts = ["the good film is dull", "café 1 2"]
    alone = task.predict(texts)
    odd = ["", "\u200b", "x" * 5000, "film " * 3000]
    beside = task.predict([texts[0], *odd, texts[1]])
    for left, right in zip(alone, [beside[0], beside[-1]], strict=True):
        names = [
            [e["text"] for e in answer["entities"]] for answer in (left, right)
        ]
        assert names[0] == names[1] != []
        for one, other in zip(left["entities"], right["entities"], strict=True):
            assert one["score"] == pytest.approx(other["score"], abs=1e-5)


def test_bytes_that_are_no_utf8(tasks):
    task = _needs(tasks, "names")
    texts = {
        "text": [b"\xff the good film \xc3is dull", b"the good film is dull"]
    }
    found = task.ask(texts)
    assert found["entity_text"][0, 0] == found["entity_text"][1, 0]
    assert found["entity_text"][0, 0] == b"good film"
    assert found["entity_start"].tolist()[0][0] == 5


def test_options_survive_json():
    options = {"labels": ["b", "a"], "predicate": True}
    assert Tagging(**options).to_dict() == options
    with pytest.raises(DataError, match="at least 1"):
        Tagging([])


def test_targets_by_hand(tiny_checkpoint):
    from bert_keras.checkpoints import load_preprocessor

    problem = Tagging(["A", "B"])
    examples = TaggedExamples(
        ["playing unable.", "bad, café film", ""],
        [[Span(0, 14, "A")], [Span(3, 9, "B")], []],
    )
    problem.learn(examples)
    data = problem.training_data(examples, load_preprocessor(tiny_checkpoint))
    inputs, targets, weights = data.batch(np.arange(3), None)
    # [CLS] play ##ing un ##able . [SEP]; [CLS] bad , caf ##e film [SEP]
    assert inputs["input_word_ids"].tolist() == [
        [2, 11, 12, 14, 15, 16, 3],
        [2, 10, 17, 24, 25, 7, 3],
        [2, 3, 0, 0, 0, 0, 0],
    ]
    assert targets.tolist() == [
        [-1, 1, -1, 2, -1, 0, -1],
        [-1, 0, 3, 4, -1, 0, -1],
        [-1, -1, -1, -1, -1, -1, -1],
    ]
    assert weights.tolist() == [3.0, 4.0, 1.0]


def test_the_predicate_has_another_type(tiny_checkpoint):
    from bert_keras.checkpoints import load_preprocessor

    problem = Tagging(["V"])
    texts = ["is playing. is", "\u3000is \tunable is"]
    examples = TaggedExamples(texts, [[], []], predicates=[1, 1])
    problem.learn(examples)
    data = problem.training_data(examples, load_preprocessor(tiny_checkpoint))
    inputs, _, _ = data.batch(np.arange(2), None)
    assert inputs["input_type_ids"].tolist() == [
        [0, 0, 1, 1, 1, 0, 0],  # the full stop belongs to the word
        [0, 0, 1, 1, 0, 0, 0],
    ]


def test_the_loss_is_the_mean_over_words():
    logits = np.log([[[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]])
    logits = tf.constant(np.repeat(logits, 2, axis=0), tf.float32)
    targets = tf.constant([[0, -1, 2], [-1, -1, -1]])
    found = Tagging(["A"]).loss(targets, logits)
    by_hand = -(np.log(0.5) + np.log(0.8)) / 2
    np.testing.assert_allclose(found, [by_hand, 0.0], rtol=1e-6)
