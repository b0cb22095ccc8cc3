"""A held-out share: of every class, with no text on both sides."""

import numpy as np
import pytest

from bert_keras.data import (
    DataError,
    Documents,
    Examples,
    QuestionExamples,
    TaggedExamples,
    hold_out,
)


def distinct(count):
    return [f"text {number}" for number in range(count)]


def test_each_class_has_its_share():
    labels = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    train, held_out = hold_out(Examples(distinct(100), labels=labels), 0.1)
    assert held_out.labels == ["a"] * 6 + ["b"] * 3 + ["c"]
    assert len(train) == 90
    assert set(train.texts) | set(held_out.texts) == set(distinct(100))


def test_columns_stay_together_and_in_order():
    examples = Examples(
        distinct(6), labels=list("ababab"), weights=np.arange(6)
    )
    train, held_out = hold_out(examples, 0.34)
    for part in (train, held_out):
        numbers = [int(text[-1]) for text in part.texts]
        assert numbers == sorted(numbers) == part.weights.tolist()
        assert part.labels == ["ab"[number % 2] for number in numbers]
    assert len(held_out) == 2


def test_the_seed_decides():
    examples = Examples(distinct(50))
    texts = [hold_out(examples, 0.2, seed)[1].texts for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert len(texts[0]) == 10


@pytest.mark.parametrize("labels", [None, ["x", "y"] * 10])
def test_equal_texts_stay_on_one_side(labels):
    examples = Examples(distinct(10) * 2, labels=labels)
    train, held_out = hold_out(examples, 0.3)
    assert not set(train.texts) & set(held_out.texts)
    assert len(held_out) == 6


def test_rare_classes_stay_in_training():
    labels = ["a"] * 16 + ["b", "c", "d", "e"]
    train, held_out = hold_out(Examples(distinct(20), labels=labels), 0.5)
    assert held_out.labels == ["a"] * 10
    assert set(train.labels) == set("abcde")


@pytest.mark.parametrize(
    "labels", [np.linspace(0, 1, 20).tolist(), [["a", "b"], []] * 10]
)
def test_labels_that_are_no_classes(labels):
    _, held_out = hold_out(Examples(distinct(20), labels=labels), 0.25)
    assert len(held_out) == 5


def test_classes_that_are_given():
    classes = [0, 1] * 10
    _, held_out = hold_out(Examples(distinct(20)), 0.2, classes=classes)
    assert sorted(int(t.split()[1]) % 2 for t in held_out.texts) == [0, 0, 1, 1]


def test_other_examples():
    asked = QuestionExamples([*"abcd"], ["x", "x", "y", "y"])
    train, held_out = hold_out(asked, 0.5)
    assert not set(train.contexts) & set(held_out.contexts)
    assert len(train) == len(held_out) == 2
    tagged = TaggedExamples(["a", "b"], [[], []])
    assert [len(part) for part in hold_out(tagged, 0.5)] == [1, 1]
    _, lines = hold_out(Documents([*"abcdef"], [0, 0, 0, 1, 1, 1]), 0.5)
    assert lines.texts in (["a", "b", "c"], ["d", "e", "f"])


def test_neither_side_is_empty():
    train, held_out = hold_out(Examples(["a", "a", "a", "b"]), 0.01)
    assert (train.texts, held_out.texts) == (["a"] * 3, ["b"])
    train, held_out = hold_out(Examples(["a", "b"]), 0.99)
    assert len(train) == len(held_out) == 1


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_share_out_of_range(share):
    with pytest.raises(ValueError, match="above 0 and below 1"):
        hold_out(Examples(["a", "b"]), share)


@pytest.mark.parametrize("texts", [[], ["a"], ["a", "a"]])
def test_too_few_texts(texts):
    with pytest.raises(DataError, match="at least 2 different texts"):
        hold_out(Examples(texts), 0.5)
