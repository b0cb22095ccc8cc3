"""Tags and entities: literal examples, and comparison with all paths."""

import itertools

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.postprocessing import (
    EntityDecoder,
    allowed_transitions,
    tag_decoding,
    tag_names,
)
from bert_keras.postprocessing.entities import extract_spans
from bert_keras.postprocessing.tag_decoding import tag_marginals, viterbi_decode

TAGS = tag_names(["A", "B"])


def test_transitions_by_hand():
    assert TAGS == ("O", "B-A", "I-A", "B-B", "I-B")
    assert (allowed_transitions(2) == 0).astype(int).tolist() == [
        [1, 1, 0, 1, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 0, 1, 1],
        [1, 1, 0, 1, 1],
        [1, 1, 0, 1, 0],
    ]


def brute_force(scores, transitions):
    """Returns the best sum of all paths, by trying every path."""
    paths = itertools.product(range(scores.shape[1]), repeat=len(scores))
    return max(total(path, scores, transitions) for path in paths)


def total(path, scores, transitions):
    before = (-1, *path)
    return sum(
        scores[i, tag] + transitions[before[i], tag]
        for i, tag in enumerate(path)
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(0, 99))
def test_no_path_is_better(lengths, seed):
    random = np.random.default_rng(seed)
    texts = [random.normal(size=[n, 5]).astype(np.float32) for n in lengths]
    learned = random.normal(size=[6, 5]).astype(np.float32)
    for transitions in (
        allowed_transitions(2),
        allowed_transitions(2) + learned,
    ):
        found = viterbi_decode(
            tf.RaggedTensor.from_row_lengths(np.concatenate(texts), lengths),
            tf.constant(transitions),
        ).to_list()
        for path, scores in zip(found, texts, strict=True):
            assert len(path) == len(scores)
            if len(path):
                np.testing.assert_allclose(
                    total(path, scores, transitions),
                    brute_force(scores, transitions),
                    rtol=1e-4,
                )


def test_marginals_are_shares_of_all_paths():
    random = np.random.default_rng(5)
    lengths = [3, 0, 1, 4]
    texts = [random.normal(size=[n, 5]).astype(np.float32) for n in lengths]
    transitions = random.normal(size=[6, 5]).astype(
        np.float32
    ) + allowed_transitions(2)
    found = tag_marginals(
        tf.RaggedTensor.from_row_lengths(np.concatenate(texts), lengths),
        tf.constant(transitions),
    ).to_list()
    for marginals, scores in zip(found, texts, strict=True):
        expected = np.zeros([len(scores), 5])
        for path in itertools.product(range(5), repeat=len(scores)):
            weight = np.exp(np.float64(total(path, scores, transitions)))
            expected[np.arange(len(path)), list(path)] += weight
        if len(scores):
            expected /= expected.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(marginals, expected, atol=1e-5)
        assert len(marginals) == len(scores)


def decode(texts, tags, starts, ends):
    """Decodes logits that are almost certain of the given tags."""
    flat = [tag for text in tags for tag in text]
    logits = 9.0 * np.eye(5, dtype=np.float32)[flat]
    lengths = [len(text) for text in tags]

    def ragged(values):
        return tf.ragged.constant(values, tf.int32, ragged_rank=1)

    return EntityDecoder(["A", "B"])(
        tf.constant(texts, tf.string),
        tf.RaggedTensor.from_row_lengths(logits.reshape([-1, 5]), lengths),
        ragged(starts),
        ragged(ends),
    )


def test_entities_by_hand():
    found = decode(
        ["né Rome, 東京", "nothing", "", "ab"],
        [[0, 1, 0, 3, 4], [0], [], [1, 1]],
        [[0, 3, 7, 9, 10], [0], [], [0, 1]],
        [[2, 7, 8, 10, 11], [7], [], [1, 2]],
    )
    found = {name: value.numpy().tolist() for name, value in found.items()}
    assert found["entity_count"] == [2, 0, 0, 2]
    assert found["entity_text"] == [
        [b"Rome", "東京".encode()],
        [b"", b""],
        [b"", b""],
        [b"a", b"b"],
    ]
    assert found["entity_label"][0] == [b"A", b"B"]
    assert found["entity_start"] == [[3, 9], [-1, -1], [-1, -1], [0, 1]]
    assert found["entity_end"] == [[7, 11], [-1, -1], [-1, -1], [1, 2]]
    certain = float(tf.nn.softmax([9.0, 0, 0, 0, 0])[0])
    np.testing.assert_allclose(
        found["entity_score"][0], [certain, certain], 1e-6
    )
    assert found["entity_score"][1] == [0.0, 0.0]


def test_a_forbidden_transition_is_repaired():
    # I-A cannot follow O, so the path is O, O or B-A, I-A ...
    found = decode(["xy"], [[0, 2]], [[0, 1]], [[1, 2]])
    spans = found["entity_start"].numpy().tolist()
    assert found["entity_count"].numpy().tolist() == [len(spans[0])]
    # ... and its mean probability is far below that of a certain tag.
    assert (found["entity_score"].numpy() < 0.6).all()


def test_no_texts_and_no_entities():
    found = decode([], [], [], [])
    assert found["entity_text"].shape == [0, 0]
    assert found["entity_count"].shape == [0]
    assert decode([""], [[]], [[]], [[]])["entity_text"].shape == [1, 0]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=12), st.data())
def test_an_extracted_span_is_a_slice(text, data):
    decoded = text.decode("utf-8", "ignore")
    start = data.draw(st.integers(0, len(decoded)))
    end = data.draw(st.integers(start, len(decoded)))
    found = extract_spans(tf.constant([b"x", text]), [1], [start], [end])
    assert found.numpy()[0].decode() == decoded[start:end]


def test_chunks_do_not_change_the_path_of_a_long_text(monkeypatch):
    random = np.random.default_rng(3)
    scores = random.normal(size=[300, 5]).astype(np.float32)
    scores[::7, 0] += 20.0  # certainly O
    scores = tf.RaggedTensor.from_row_lengths(scores, [200, 0, 100])
    for learned in (0.0, random.normal(size=[6, 5]).astype(np.float32)):
        transitions = tf.constant(allowed_transitions(2) + learned)
        whole = viterbi_decode(scores, transitions).to_list()
        marginals = tag_marginals(scores, transitions).flat_values
        monkeypatch.setattr(tag_decoding, "_CHUNK", 16)
        assert viterbi_decode(scores, transitions).to_list() == whole
        in_chunks = tag_marginals(scores, transitions).flat_values
        np.testing.assert_allclose(in_chunks, marginals, atol=1e-4)
        monkeypatch.undo()
