"""The loss of a CRF: by all paths, and its gradients by differences."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from bert_keras.postprocessing import allowed_transitions
from bert_keras.tasks import Tagging
from bert_keras.tasks.tagger_crf import crf_negative_log_likelihood
from bert_keras.training import IGNORED

_ = IGNORED
TARGETS = np.array(
    [
        [_, 0, 1, _, 2, _],
        [_, 1, 2, 2, 0, _],
        [_, _, _, 2, _, _],  # a window may begin inside an entity
        [_, _, _, _, _, _],
    ],
    np.int32,
)


def numbers(dtype=np.float64):
    random = np.random.default_rng(0)
    logits = random.normal(size=[*TARGETS.shape, 3]).astype(dtype)
    return logits, random.normal(size=[3, 3]).astype(dtype)


def score(path, logits, transitions):
    return sum(row[tag] for row, tag in zip(logits, path, strict=True)) + sum(
        transitions[pair] for pair in itertools.pairwise(path)
    )


def by_enumeration(targets, logits, transitions):
    """Returns the loss of a sequence, computed from all its paths."""
    known = targets != IGNORED
    logits, right = logits[known], targets[known]
    paths = itertools.product(range(3), repeat=len(right))
    every = np.logaddexp.reduce(
        [score(path, logits, transitions) for path in paths]
    )
    return (every - score(right, logits, transitions)) / len(right)


@pytest.mark.parametrize("impossible", [False, True])
def test_the_loss_of_every_path(impossible):
    logits, transitions = numbers()
    if impossible:
        transitions += allowed_transitions(1)[:-1]
    found = crf_negative_log_likelihood(
        tf.constant(TARGETS), tf.constant(logits), transitions
    )
    expected = [
        by_enumeration(*row, transitions)
        for row in zip(TARGETS, logits, strict=True)
        if (row[0] != IGNORED).any()
    ]
    np.testing.assert_allclose(found, [*expected, 0.0], rtol=1e-9)


def test_gradients_are_differences():
    logits, transitions = numbers()

    def loss(logits, transitions):
        return crf_negative_log_likelihood(
            tf.constant(TARGETS), logits, transitions
        )

    found, differences = tf.test.compute_gradient(
        loss, [tf.constant(logits), tf.constant(transitions)], delta=1e-5
    )
    for one, other in zip(found, differences, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-8)
    assert np.abs(found[1]).max() > 0.01


def test_transitions_of_zero_leave_each_word_independent():
    logits, _ = numbers(np.float32)
    plain = Tagging(["A"]).loss(TARGETS, tf.constant(logits))
    free = crf_negative_log_likelihood(
        tf.constant(TARGETS), tf.constant(logits), tf.zeros([3, 3])
    )
    np.testing.assert_allclose(plain, free, rtol=1e-5)
    # In a tagger, I cannot follow O: with fewer paths, each is more probable.
    problem = Tagging(["A"], crf=True)
    found = problem.loss(TARGETS, (tf.constant(logits), tf.zeros([3, 3])))
    assert (found.numpy()[:2] < plain.numpy()[:2]).all()


def test_many_words_in_low_precision_numbers():
    # 300 words that are all certain: exp of the sum would be infinite.
    logits = tf.one_hot(tf.zeros([1, 300], tf.int32), 3) * 50.0
    transitions = tf.zeros([3, 3])
    found = crf_negative_log_likelihood(
        tf.zeros([1, 300], tf.int32), logits, transitions
    )
    np.testing.assert_allclose(found, [0.0], atol=1e-5)
    wrong = crf_negative_log_likelihood(
        tf.ones([1, 300], tf.int32), logits, transitions
    )
    np.testing.assert_allclose(wrong, [50.0], rtol=1e-5)
