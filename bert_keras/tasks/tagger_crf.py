"""The loss of a conditional random field: its negative log-likelihood.

Lafferty et al. 2001, and https://arxiv.org/abs/1603.01360, section 2.2. Other
implementations for TensorFlow need tensorflow-addons, which is discontinued.
"""

import tensorflow as tf

from bert_keras.training import IGNORED


def crf_negative_log_likelihood(
    targets: tf.Tensor, logits: tf.Tensor, transitions: tf.Tensor
) -> tf.Tensor:
    """Returns the negative log-likelihood of the right paths, per word.

    The path of a sequence consists of its tokens with a target: the first
    token of each word, in the window in which it has the most context. Tokens
    in between are skipped. If a window begins within a text, so does its path,
    and any tag may come first.

    Args:
        targets: Tags, int32 [batch, length], `IGNORED` where there is none.
        logits: float [batch, length, tags].
        transitions: Scores from each tag to the next, of the same type [tags,
            tags]; very low where a transition is not allowed.

    Returns:
        Minus the logarithm of the path's probability among all paths, divided
        by the number of its words, [batch]; 0 for a sequence without words.

    Example:
        >>> loss = crf_negative_log_likelihood(
        ...     tf.constant([[-1, 0, 1]]), tf.zeros([1, 3, 2]), tf.zeros([2, 2])
        ... )
        >>> round(float(loss[0]), 4)  # one path of four: log(4) / 2
        0.6931
    """
    known = tf.not_equal(targets, IGNORED)
    lengths = tf.reduce_sum(tf.cast(known, tf.int32), axis=1)
    longest = tf.maximum(tf.reduce_max(lengths), 1)
    # The words of each sequence, moved to its front.
    order = tf.argsort(tf.cast(~known, tf.int32), axis=1, stable=True)
    order = order[:, :longest]
    scores = tf.gather(logits, order, batch_dims=1)  # [batch, words, tags]
    inside = tf.sequence_mask(lengths, longest, logits.dtype)
    tags = tf.one_hot(
        tf.gather(targets, order, batch_dims=1), transitions.shape[0]
    )
    tags = tf.cast(tags, logits.dtype) * inside[:, :, None]
    taken = tf.tensordot(tags[:, :-1], transitions, 1) * tags[:, 1:]
    right = tf.reduce_sum(scores * tags, [1, 2]) + tf.reduce_sum(taken, [1, 2])
    words = tf.cast(lengths, logits.dtype)
    losses = _log_normalizer(scores, lengths, transitions) - right
    return tf.where(lengths > 0, losses / tf.maximum(words, 1.0), 0.0)


def _log_normalizer(scores, lengths, transitions) -> tf.Tensor:
    """Returns the logarithm of the sum over paths of exp(score), [batch]."""

    def forward(before, word):
        position, given = word
        candidates = before[:, :, None] + transitions  # [batch, from, to]
        reached = tf.reduce_logsumexp(candidates, axis=1) + given
        return tf.where((position < lengths)[:, None], reached, before)

    rest = (
        tf.range(1, tf.shape(scores)[1]),
        tf.transpose(scores, [1, 0, 2])[1:],
    )
    last = tf.foldl(forward, rest, initializer=scores[:, 0])
    return tf.reduce_logsumexp(last, axis=1)
