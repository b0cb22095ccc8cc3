"""Tagging: targets and loss by hand, the battery, and arbitrary texts."""

import numpy as np
import pytest
import tensorflow as tf
from check_task import check_task
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.data import DataError, Span, TaggedExamples
from bert_keras.export import verify
from bert_keras.serving.saved_model import ServedModel, answer_rows
from bert_keras.tasks import Tagging, TokenTagger

NAMES = [
    ("the good film is dull", [(4, 13, "FILM")]),
    ("play, a bad film!", [(8, 16, "FILM")]),
    ("café 1 2", [(0, 4, "PLACE"), (5, 8, "NUMBER")]),
    ("very dull", []),
    # Longer than a window.
    (
        "very good film " * 6,
        [(15 * i + 5, 15 * i + 14, "FILM") for i in range(6)],
    ),
] * 4
ROLES = [
    ("the film is good", 2, [(0, 8, "A1"), (9, 11, "V"), (12, 16, "A2")]),
    ("good film is the film", 2, [(0, 9, "A1"), (10, 12, "V"), (13, 21, "A2")]),
    ("a film is not a play", 5, [(14, 15, "A1"), (16, 20, "V")]),
    ("play a film", 0, [(0, 4, "V"), (5, 11, "A1")]),
] * 4
FOUND = {"precision", "recall", "f1", "macro_f1"}


def _trained(data, checkpoint, folder, **options):
    """Returns a task that has passed the battery, and its folder."""
    task = TokenTagger.from_handle(checkpoint, **options)
    expected = {"metrics": FOUND, "answer": {"entities"}}
    with pytest.MonkeyPatch.context() as patch:
        check_task(task, data, folder, patch, **expected)
    return task, folder


@pytest.fixture(scope="module")
def names(tiny_checkpoint, tmp_path_factory):
    return _trained(NAMES, tiny_checkpoint, tmp_path_factory.mktemp("names"))


@pytest.fixture(scope="module")
def roles(tiny_checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("roles")
    return _trained(ROLES, tiny_checkpoint, folder, crf=True)


@pytest.fixture(scope="module")
def served(names):
    """The exported tagger of names."""
    return ServedModel(names[1] / "exported" / "1")


@pytest.mark.parametrize("kind", ["names", "roles"])
def test_what_a_run_leaves(kind, request):
    _, folder = request.getfixturevalue(kind)
    run = {path.name for path in (folder / "run").rglob("*.*")}
    assert {"metrics.json", "confusion_matrix.png"} <= run


def test_what_was_learned(names, roles):
    task, _ = names
    assert task.labels == ("FILM", "NUMBER", "PLACE")
    assert task.problem.predicate is False
    (answer,) = task.predict(["the good film is dull"])
    assert [e["text"] for e in answer["entities"]] == ["good film"]
    assert "FILM: good film" == task.problem.summary(answer)
    assert roles[0].labels == ("A1", "A2", "V")


def test_transitions_were_learned_and_are_exported(roles):
    task, folder = roles
    transitions = np.asarray(task.network.head.transitions)
    assert np.abs(transitions).max() > 0.5
    exported = tf.train.load_variable(
        folder / "exported" / "1" / "variables" / "variables",
        "weights/head.Stransitions/.ATTRIBUTES/VARIABLE_VALUE",
    )
    np.testing.assert_allclose(100 * exported, transitions, rtol=1e-5)


def test_without_its_predicate_a_text_has_no_roles(roles):
    task, _ = roles
    text = "the film is good"
    pairs = [(text, 4), (text, -1), ("", 0), (text, 2)]
    counts = [len(answer["entities"]) for answer in task.predict(pairs)]
    assert counts[:3] == [0, 0, 0]
    assert counts[3] > 0


def test_other_inputs_than_in_training(names, roles):
    with pytest.raises(DataError, match="Expected texts with a predicate"):
        roles[0].predict(["the film"])
    with pytest.raises(DataError, match="Expected texts without a predicate"):
        names[0].evaluate(ROLES)
    with pytest.raises(
        DataError, match=r"unknown label 'FILMS' .close: 'FILM'"
    ):
        names[0].fit([("a film", [(2, 6, "FILMS")])])


HARD = {
    "from the very start to the very end": "café 1 2",
    "in a later window": "the play is . " * 9 + "good film",
    "twice": "good film , the good film",
    "across borders": "good film a bad film " * 8,
    "nothing": "",
    "white space": " \t\n\u3000 ",
    "no known token": "\U0001f600 \u0645\u0631\u062d\u0628\u0627",
    "no UTF-8": b"\xff the good film \xc3is dull",
    "5 characters": "a b c",
    "50,000 characters": ("very good film " * 4000)[:50_000],
    "100,000 characters": ("the play is bad , not dull . " * 4000)[:100_000],
}


def _check_entities(text: str, entities: list[dict], labels) -> None:
    reached = 0
    for entity in entities:
        assert reached <= entity["start"] < entity["end"] <= len(text)
        assert text[entity["start"] : entity["end"]] == entity["text"]
        assert entity["label"] in labels
        assert 0 < entity["score"] <= 1.000001
        reached = entity["end"]


def test_exported_answers_are_the_tasks_in_a_clean_process(names):
    task, folder = names
    found = verify._answers_of(
        folder / "exported" / "1", [{"text": text} for text in HARD.values()]
    )
    right = answer_rows(task.ask({"text": list(HARD.values())}))
    for (name, text), one, other in zip(
        HARD.items(), found, right, strict=True
    ):
        assert verify._difference(other, one) < 1e-5, name
        if isinstance(text, bytes):
            text = text.decode("utf-8", "ignore")
        _check_entities(text, one["entities"], task.labels)
    spans = {
        name: [(e["start"], e["end"]) for e in answer["entities"]]
        for name, answer in zip(HARD, found, strict=True)
    }
    assert spans["from the very start to the very end"] == [(0, 4), (5, 8)]
    assert (5, 14) in spans["no UTF-8"]
    assert spans["nothing"] == spans["white space"] == []
    # In the first window, in the last, and in those between.
    assert max(end for _, end in spans["50,000 characters"]) > 49_900
    assert len(spans["50,000 characters"]) > 100


@pytest.mark.slow
def test_a_million_letters(names, served):
    # An export is checked on shorter ones: this takes real encoders minutes.
    text = "very good film " * 70_000
    (found,) = served.answer([{"text": text}])
    (right,) = answer_rows(names[0].ask({"text": [text]}))
    assert verify._difference(right, found) < 1e-5
    assert found["entities"][-1]["end"] > len(text) - 100


UNICODE = st.one_of(
    st.characters(codec="utf-8"),
    st.sampled_from(
        "aeo. é\u0301東京\x00\u200b\u3000\tﬁ㎒한\u1112\u1161İΣς😀\ufeff"
    ),
    st.sampled_from(["good ", "film ", "café "]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(UNICODE, max_size=20).map("".join), max_size=4))
def test_an_entity_is_its_slice_of_the_text(names, served, texts):
    answers = served.answer([{"text": text} for text in texts])
    for text, answer in zip(texts, answers, strict=True):
        _check_entities(text, answer["entities"], names[0].labels)


def test_edge_cases_do_not_affect_other_texts(names, served):
    texts = ["the good film is dull", "café 1 2"]
    alone = served.answer([{"text": text} for text in texts])
    batch = [texts[0], *HARD.values(), texts[1]]
    together = served.answer([{"text": text} for text in batch])
    for left, right in zip(alone, [together[0], together[-1]], strict=True):
        assert verify._difference(left, right) < 1e-5
        assert left["entities"]


def test_options_survive_json():
    options = {"labels": ["b", "a"], "predicate": True, "crf": True}
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
    problem.adapt(examples)
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


def test_tokens_within_a_given_word_have_no_tag(tiny_checkpoint):
    from bert_keras.checkpoints import load_preprocessor

    problem = Tagging(["A"])
    # `bad,film` twice as one word, the first no entity; then without words.
    words = ["bad,film", "is", "bad,film"]
    examples = problem.read([(words, ["O", "O", "B-A"])])
    assert examples.word_starts == [[0, 9, 12]]
    targets = []
    for source in (examples, [(examples.texts[0], examples.entities[0])]):
        read = problem.read(source)
        problem.adapt(read)
        data = problem.training_data(read, load_preprocessor(tiny_checkpoint))
        _, found, weights = data.batch(np.arange(1), None)
        targets.append(found.tolist())
        assert weights[0] == (found >= 0).sum()
    # [CLS] bad , film is bad , film [SEP]
    assert targets[0] == [[-1, 0, -1, -1, 0, 1, 2, 2, -1]]
    assert targets[1] == [[-1, 0, 0, 0, 0, 1, 2, 2, -1]]


def test_the_predicate_has_another_type(tiny_checkpoint):
    from bert_keras.checkpoints import load_preprocessor

    problem = Tagging(["V"])
    texts = ["is playing. is", "\u3000is \tunable is"]
    examples = TaggedExamples(texts, [[], []], predicates=[1, 1])
    problem.adapt(examples)
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
