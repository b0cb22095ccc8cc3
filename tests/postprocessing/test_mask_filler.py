"""Texts with their masks replaced: literal examples, and plain Python."""

import re

import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.postprocessing import MaskFiller, fill

FILL = tf.function(MaskFiller(), reduce_retracing=True)


def filled(texts, tokens, k=2):
    """Replaces every [MASK] of texts, with each of the tokens in turn."""
    spans = [
        (index, found.start(), found.end())
        for index, text in enumerate(texts)
        for found in re.finditer(re.escape("[MASK]"), text)
    ]
    indices, starts, ends = zip(*spans, strict=True) if spans else ([], [], [])
    chosen = [
        [tokens[(n * k + i) % len(tokens)] for i in range(k)]
        for n in range(len(spans))
    ]
    outputs = FILL(
        tf.constant(texts),
        text_indices=tf.constant(indices, tf.int32),
        starts=tf.constant(starts, tf.int32),
        ends=tf.constant(ends, tf.int32),
        tokens=tf.reshape(tf.constant(chosen, tf.string), [-1, k]),
        scores=tf.fill([len(spans), k], 0.5),
    )
    return {name: tensor.numpy() for name, tensor in outputs.items()}, chosen


def test_by_hand():
    texts = ["a [MASK], [MASK]!", "none", "é[MASK]"]
    found, _ = filled(texts, ["dog", "##s", "cat"])
    assert found["tokens"].tolist() == [
        [[b"dog", b"##s"], [b"cat", b"dog"]],
        [[b"", b""], [b"", b""]],
        [[b"##s", b"cat"], [b"", b""]],
    ]
    assert found["scores"].tolist() == [
        [[0.5, 0.5], [0.5, 0.5]],
        [[0, 0], [0, 0]],
        [[0.5, 0.5], [0, 0]],
    ]
    assert found["starts"].tolist() == [[2, 10], [-1, -1], [1, -1]]
    assert found["ends"].tolist() == [[8, 16], [-1, -1], [7, -1]]
    sequences = found["sequences"]
    assert sequences[0].tolist() == [
        [b"a dog, [MASK]!", b"as, [MASK]!"],
        [b"a [MASK], cat!", b"a [MASK], dog!"],
    ]
    assert sequences[2, 0].tolist() == ["és".encode(), "écat".encode()]
    assert found["sequence"].tolist() == [
        b"a dog, cat!",
        b"none",
        "és".encode(),
    ]


def test_no_text_has_a_mask():
    found, _ = filled(["a", ""], ["b"])
    assert found["tokens"].shape == found["sequences"].shape == (2, 0, 2)
    assert found["sequence"].tolist() == [b"a", b""]


TEXTS = st.lists(
    st.lists(
        st.one_of(st.just("[MASK]"), st.text("aé東 \u3000\n#.😀", max_size=6)),
        max_size=6,
    ).map("".join),
    min_size=1,
    max_size=3,
)


def replaced(text, start, end, token):
    """The text with a token instead of a mask, in plain Python."""
    before, after = text[:start], text[end:]
    if token.startswith("##"):
        return before.rstrip() + token[2:] + after
    return before + token + after


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_a_filled_text_is_the_text_with_its_mask_replaced(texts):
    found, chosen = filled(texts, ["dog", "##é", "東", "a.b", "##"])
    chosen = iter(chosen)
    for index, text in enumerate(texts):
        best, shift = text, 0
        masks = list(re.finditer(re.escape("[MASK]"), text))
        for number, mask in enumerate(masks):
            tokens = next(chosen)
            expected = [replaced(text, *mask.span(), t) for t in tokens]
            received = found["sequences"][index, number]
            assert [s.decode() for s in received] == expected
            start, end = mask.start() + shift, mask.end() + shift
            best = replaced(best, start, end, tokens[0])
            shift = len(best) - len(text)
        assert found["sequence"][index].decode() == best


def test_sequences_that_need_too_much_memory_are_left_out(monkeypatch):
    monkeypatch.setattr(fill, "_MAX_BYTES", 200)
    function = MaskFiller()
    texts = ["[MASK] " * 4, "a [MASK]"]
    found = function(
        tf.constant(texts),
        text_indices=tf.constant([0, 0, 0, 0, 1]),
        starts=tf.constant([0, 7, 14, 21, 2]),
        ends=tf.constant([6, 13, 20, 27, 8]),
        tokens=tf.fill([5, 2], "b"),
        scores=tf.fill([5, 2], 0.5),
    )
    assert found["sequences"].numpy()[0].tolist() == [[b"", b""]] * 4
    assert found["sequences"].numpy()[1, 0].tolist() == [b"a b", b"a b"]
    assert found["sequence"].numpy().tolist() == [b"b b b b ", b"a b"]
