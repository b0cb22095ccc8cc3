"""Spans of windows, and the answers of texts, as literal examples."""

import numpy as np
import pytest
import tensorflow as tf

from bert_keras.postprocessing import SpanDecoder, window_spans

NONE = -1e9


def test_the_best_spans_of_a_window():
    #                  [CLS]    a    b    c  [SEP]
    logits = np.array([[[9, 9], [3, 0], [2, 5], [8, 1], [7, 7]]], "float32")
    found = window_spans(
        tf.constant(logits),
        starts=tf.constant([[-1, 0, 2, 4, -1]]),
        ends=tf.constant([[-1, 1, 3, 5, -1]]),
        is_max_context=tf.constant([[False, True, True, False, False]]),
        max_answer_length=2,
        top_k=5,
    )
    # "c" has more context elsewhere, so no span begins there. "a b c" is too
    # long. The spans that are left are a b, b, a, b c.
    np.testing.assert_array_equal(found["scores"][0, :4], [8, 7, 3, 3])
    assert found["scores"][0, 4] < NONE / 2
    spans = list(
        zip(
            found["starts"].numpy()[0, :4].tolist(),
            found["ends"].numpy()[0, :4].tolist(),
            strict=True,
        )
    )
    assert spans == [(0, 3), (2, 3), (0, 1), (2, 5)]
    assert found["null_scores"].numpy().tolist() == [18]


def decode(texts, text_indices, spans, null_scores, **options):
    """Decodes (score, start, end) of each window."""
    width = max(map(len, spans))
    padded = [
        window + [(NONE, 0, 0)] * (width - len(window)) for window in spans
    ]
    table = np.array(padded, "float32").reshape(len(spans), width, 3)
    decoder = SpanDecoder(**({"top_k": 3, "threshold": None} | options))
    found = decoder(
        tf.constant(texts),
        text_indices=tf.constant(text_indices),
        scores=tf.constant(table[..., 0]),
        starts=tf.constant(table[..., 1].astype("int32")),
        ends=tf.constant(table[..., 2].astype("int32")),
        null_scores=tf.constant(null_scores, tf.float32),
    )
    return {name: tensor.numpy() for name, tensor in found.items()}


TEXT = "naïve cat, naïve dog"


def test_answers_of_several_windows():
    found = decode(
        [TEXT, "", "x"],
        text_indices=[0, 0, 1, 2],
        spans=[[(2, 0, 5), (1, 6, 9)], [(2.0005, 11, 16), (3, 17, 20)], [], []],
        null_scores=[5, 1, 0, 0],
    )
    assert [answer.decode() for answer in found["answers"][0]] == [
        "dog",
        "naïve",
        "cat",
    ]
    # Of two equally good ones, the first in the text is taken.
    assert found["starts"][0].tolist() == [17, 0, 6]
    assert found["ends"][0].tolist() == [20, 5, 9]
    assert found["answer"][0] == b"dog"
    # No answer has the lowest of its scores in all windows.
    assert found["no_answer_score"][0] == pytest.approx(1 / (1 + np.e**2))
    shares = np.exp([3, 2.0005, 1, 1])
    np.testing.assert_allclose(
        found["scores"][0], shares[:3] / shares.sum(), rtol=1e-5
    )
    for text in (1, 2):
        assert found["answer"][text] == b""
        assert found["start"][text] == found["end"][text] == -1
        assert found["score"][text] == found["no_answer_score"][text] == 1.0
        assert found["answers"][text].tolist() == [b""] * 3
        assert found["starts"][text].tolist() == [-1] * 3
        assert found["scores"][text].tolist() == [0.0] * 3


@pytest.mark.parametrize("noise", [-1e-6, 0.0, 1e-6])
def test_of_equal_spans_the_first_in_the_text_is_best(noise):
    # Rounding errors differ between batches, and must not decide.
    spans = [[(2.0, 4, 5), (2.0 + noise, 2, 5)], [(2.0 - noise, 2, 3)]]
    found = decode(["a b c"], [0, 0], spans, [0.0, 0.0])
    assert found["answers"].tolist() == [[b"b", b"b c", b"c"]]
    logits = np.full([1, 3, 2], 2.0, "float32")
    logits[0, 0] += noise
    window = window_spans(
        tf.constant(logits),
        starts=tf.constant([[0, 2, 4]]),
        ends=tf.constant([[1, 3, 5]]),
        is_max_context=tf.constant([[True, True, True]]),
        max_answer_length=1,
        top_k=2,
    )
    assert window["starts"].numpy().tolist() == [[0, 2]]


def test_a_threshold_withholds_the_answer():
    for threshold, answer in ((0.4, b""), (0.6, b"cat"), (None, b"cat")):
        found = decode(
            [TEXT], [0], [[(2, 6, 9)]], null_scores=[2], threshold=threshold
        )
        assert found["no_answer_score"][0] == pytest.approx(0.5)
        assert found["answer"][0] == answer
        assert found["answers"][0, 0] == b"cat"
        assert (found["start"][0] == -1) == (answer == b"")


def test_an_empty_batch():
    decoder = SpanDecoder(top_k=2, threshold=None)
    found = decoder(
        tf.constant([], tf.string),
        text_indices=tf.zeros([0], tf.int32),
        scores=tf.zeros([0, 2]),
        starts=tf.zeros([0, 2], tf.int32),
        ends=tf.zeros([0, 2], tf.int32),
        null_scores=tf.zeros([0]),
    )
    assert found["answers"].shape == (0, 2)
    assert found["answer"].shape == (0,)
