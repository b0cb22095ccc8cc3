"""Augmentation: what a copy is, what it leaves alone, what is refused."""

import numpy as np
import pytest

from bert_keras.data import (
    Augmentation,
    DataError,
    Examples,
    QuestionExamples,
    Span,
    TaggedExamples,
)

TEXT = "one two three four five six seven eight nine ten"
WORDS = TEXT.split()


def copies(way, *, share=0.2, count=8, text=TEXT, **options):
    examples = Examples([text], labels=["x"], source="f.tsv", lines=[2])
    augment = Augmentation(count, [way], share, **options)
    found = augment(examples)
    assert found.texts[0] == text
    assert found.labels == ["x"] * len(found)
    assert found.where(len(found) - 1) == "f.tsv:2"
    return [copy.split() for copy in found.texts[1:]]


def test_words_are_deleted():
    for words in copies("delete"):
        assert len(words) == 8
        assert words == [word for word in WORDS if word in words]


def test_words_change_places():
    for words in copies("swap", share=0.1):
        assert sorted(words) == sorted(WORDS)
        assert sum(a != b for a, b in zip(words, WORDS, strict=True)) == 2


def test_words_are_masked():
    for words in copies("mask"):
        assert words.count("[MASK]") == 2
        kept = [n for n, word in enumerate(words) if word != "[MASK]"]
        assert [words[n] for n in kept] == [WORDS[n] for n in kept]


class Guesser:
    """Answers as a `MaskedLanguageModel` does."""

    asked = 0

    def predict(self, texts):
        self.asked += 1
        return [{"sequence": t.replace("[MASK]", "word")} for t in texts]


def test_words_are_guessed_all_texts_at_once():
    model = Guesser()
    for words in copies("fill", model=model):
        assert words.count("word") == 2
    assert model.asked == 1


def test_a_guess_that_is_right_makes_no_copy():
    class Right:
        def predict(self, texts):
            return [{"sequence": TEXT} for _ in texts]

    with pytest.raises(DataError, match="none that could be altered"):
        copies("fill", model=Right())


def test_the_seed_decides():
    assert copies("swap") == copies("swap")
    assert copies("swap") != copies("swap", seed=1)


def test_texts_that_cannot_be_altered_get_no_copies():
    texts = ["fine", "", "我爱北京", "a b", "w w"]
    examples = Examples(texts, labels=[*"vwxyz"])
    found = Augmentation(3, ["swap"])(examples)
    assert found.texts[5:] == ["b a"] * 3
    assert found.labels[5:] == ["y"] * 3


def test_a_copy_of_a_pair_differs_in_one_text():
    examples = Examples(["a b", "c d"], ["e f", "g h"], [1.0, 2.0])
    found = Augmentation(4, ["swap"])(examples)
    assert len(found) == 10
    seen = set()
    for text, text_b, label in list(
        zip(found.texts, found.texts_b, found.labels, strict=True)
    )[2:]:
        n = int(label) - 1
        same = (text == examples.texts[n], text_b == examples.texts_b[n])
        assert sorted(same) == [False, True]
        seen.add(same)
    assert len(seen) == 2
    assert examples == Examples(["a b", "c d"], ["e f", "g h"], [1.0, 2.0])


@pytest.mark.parametrize(
    "examples",
    [
        TaggedExamples(["a b"], [[Span(0, 1, "X")]]),
        QuestionExamples(["a b"], ["c d"], [[]]),
    ],
    ids=["entities", "answers"],
)
def test_labels_that_name_places_are_refused(examples):
    with pytest.raises(
        DataError, match=r"a list: .*refer to positions in the texts"
    ):
        Augmentation()(examples)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ways": ["spin"]}, "`ways` among delete, swap, mask, fill"),
        ({"ways": "swap"}, "ways='swap'"),
        ({"ways": []}, "at least one way"),
        ({"copies": 0}, "copies=0"),
        ({"share": 0.0}, "share=0.0"),
        ({"share": 1.0}, "share=1.0"),
        ({"ways": ["fill"]}, "Expected `model`"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Augmentation(**options)


def test_copies_have_the_weight_of_their_original():
    examples = Examples(["a b", "c", "d e"], weights=np.float32([1, 2, 3]))
    found = Augmentation(2, ["swap"])(examples)
    assert found.texts[3:] == ["b a"] * 2 + ["e d"] * 2
    assert found.weights.tolist() == [1, 2, 3, 1, 1, 3, 3]
    assert found.weights.dtype == np.float32
