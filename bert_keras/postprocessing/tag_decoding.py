"""The best sequence of tags for the words of a text, in the graph.

Tags depend on each other: I-PER can only follow B-PER or I-PER. The Viterbi
algorithm finds the best sequence that respects this. Only core operations are
used, so that old versions of TF Serving can run them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

# The score of a forbidden transition; infinity would make gradients NaN.
IMPOSSIBLE = -1e9
OUTSIDE = "O"
_CHUNK = 512  # words


def tag_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Returns the tags for entity types: O, then B and I of each type.

    Args:
        labels: Names of the entity types.

    Example:
        >>> tag_names(["LOC", "PER"])
        ('O', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER')
    """
    pairs = [(f"B-{label}", f"I-{label}") for label in labels]
    return (OUTSIDE, *(tag for pair in pairs for tag in pair))


def allowed_transitions(labels: int) -> np.ndarray:
    """Returns 0 for each allowed transition, else `IMPOSSIBLE`.

    Args:
        labels: Number of entity types.

    Returns:
        float32 [tags + 1, tags]: from each tag (the rows, of which the last is
        the start of a text) to each tag.

    Example:
        >>> # From O, B, I and the start, to O, B, I.
        >>> (allowed_transitions(1) == 0).astype(int).tolist()
        [[1, 1, 0], [1, 1, 1], [1, 1, 1], [1, 1, 0]]
    """
    tags = 2 * labels + 1
    transitions = np.zeros([tags + 1, tags], np.float32)
    for inside in range(2, tags, 2):
        transitions[:, inside] = IMPOSSIBLE
        transitions[[inside - 1, inside], inside] = 0.0
    return transitions


def viterbi_decode(
    scores: tf.RaggedTensor, transitions: tf.Tensor
) -> tf.RaggedTensor:
    """Finds the sequence of tags with the largest sum of scores per text.

    The sum is over the scores of the tags and of the transitions. A long text
    is split into chunks, which are decoded in parallel: each block of 512
    words is split after the word that is most likely O, where no entity is
    expected to continue.

    Args:
        scores: Scores of each word's tags, O first, float32
            [batch, (words), tags].
        transitions: Scores of transitions from tag to tag, float32
            [tags + 1, tags]; see `allowed_transitions`.

    Returns:
        Tags, int32 [batch, (words)].

    Example:
        >>> scores = tf.RaggedTensor.from_row_lengths(
        ...     [[0.0, 1.0, 2.0], [0.0, 0.0, 3.0]], [2]
        ... )
        >>> transitions = tf.constant(allowed_transitions(1))
        >>> viterbi_decode(scores, transitions).to_list()
        [[1, 2]]
    """
    chunks = _chunks(scores, transitions)
    return chunks.joined(_paths(*chunks.parts, transitions[:-1]))


def tag_marginals(
    scores: tf.RaggedTensor, transitions: tf.Tensor
) -> tf.RaggedTensor:
    """Computes the marginal probability of each tag of each word.

    The forward-backward algorithm sums exp(score) of all sequences with this
    tag, relative to that of all sequences. Long texts are split as in
    `viterbi_decode`.

    Args:
        scores: Scores of each word's tags, O first, float32
            [batch, (words), tags].
        transitions: Scores of transitions from tag to tag, float32
            [tags + 1, tags]; see `allowed_transitions`.

    Returns:
        Probabilities, float32 [batch, (words), tags].

    Example:
        >>> scores = tf.RaggedTensor.from_row_lengths(
        ...     [[0.0, 1.0, 2.0], [0.0, 0.0, 3.0]], [2]
        ... )
        >>> found = tag_marginals(scores, tf.constant(allowed_transitions(1)))
        >>> found.to_tensor()[0].numpy().round(2)  # I cannot come first
        array([[0.03, 0.97, 0.  ],
               [0.06, 0.06, 0.88]], dtype=float32)
    """
    chunks = _chunks(scores, transitions)
    return chunks.joined(_marginals(*chunks.parts, transitions[:-1]))


class _Chunks(NamedTuple):
    """Texts split into chunks, which are padded to one length.

    Attributes:
        parts: Scores, float32 [words, chunks, tags]; the number of words in
            each chunk, int32 [chunks]; the scores of the transitions to the
            first tag of each chunk, float32 [chunks, tags].
        row_splits: Where each text begins and ends, in words, int64
            [batch + 1].
    """

    parts: tuple[tf.Tensor, tf.Tensor, tf.Tensor]
    row_splits: tf.Tensor

    def joined(self, found: tf.Tensor) -> tf.RaggedTensor:
        """Joins results for chunks into results for texts.

        Args:
            found: [chunks, words, ...]. The chunks of a text follow each
                other, in order.

        Returns:
            [batch, (words), ...].
        """
        scores, lengths, _ = self.parts
        inside = tf.sequence_mask(lengths, tf.shape(scores)[0])
        return tf.RaggedTensor.from_row_splits(
            tf.boolean_mask(found, inside), self.row_splits, validate=False
        )


def _chunks(scores: tf.RaggedTensor, transitions: tf.Tensor) -> _Chunks:
    tags = transitions.shape[1]
    # All words of the batch: [words, tags].
    flat = tf.ensure_shape(scores.flat_values, [None, tags])
    position = tf.ragged.range(scores.row_lengths()).flat_values  # [words]
    is_first = tf.equal(position, 0)  # of a text: [words]
    begins = is_first | _after_split(flat, position, scores)  # [words]
    chunk = tf.cumsum(tf.cast(begins, tf.int32)) - 1  # [words]
    count = tf.reduce_sum(tf.cast(begins, tf.int32))  # []
    chunks = tf.RaggedTensor.from_value_rowids(
        flat, chunk, nrows=count, validate=False
    )  # [chunks, (words), tags]
    lengths = tf.cast(chunks.row_lengths(), tf.int32)  # [chunks]
    # At least two words: `tf.scan` cannot stack the results of no step.
    length = tf.reduce_max(tf.concat([lengths, [2]], axis=0))
    shape = tf.cast(tf.stack([count, length, tags]), tf.int64)
    padded = tf.ensure_shape(chunks.to_tensor(shape=shape), [None, None, tags])
    # The first chunk of a text begins at its start, the others after an O.
    is_first = tf.boolean_mask(is_first, begins)[:, None]  # [chunks, 1]
    first = tf.where(is_first, transitions[-1][None], transitions[0][None])
    parts = tf.transpose(padded, [1, 0, 2]), lengths, first
    return _Chunks(parts, scores.row_splits)


def _after_split(flat, position, scores: tf.RaggedTensor) -> tf.Tensor:
    """Returns which words begin a new chunk within a text, bool [words].

    Args:
        flat: Scores of all words, float32 [words, tags].
        position: Index of each word in its text, int64 [words].
        scores: The same as `flat`, by text, float32 [batch, (words), tags].
    """
    block = tf.cumsum(tf.cast(tf.equal(position % _CHUNK, 0), tf.int32)) - 1
    outside = flat[:, 0] - tf.reduce_logsumexp(flat, axis=1)  # [words]
    best = tf.math.unsorted_segment_max(outside, block, tf.size(block))
    # Only full blocks are split.
    full = scores.row_lengths() // _CHUNK * _CHUNK  # [batch], words
    full = tf.gather(full, scores.value_rowids())  # [words]
    split = tf.equal(outside, tf.gather(best, block)) & (position < full)
    return tf.concat([[False], split], axis=0)[:-1]  # the word after each


def _paths(scores, lengths, first, transitions):
    """Finds the best sequence of tags of each chunk.

    Args:
        scores: float32 [words, chunks, tags].
        lengths: Words of each chunk, int32 [chunks].
        first: Scores of the first tags, float32 [chunks, tags].
        transitions: float32 [tags, tags].

    Returns:
        int32 [chunks, words].
    """
    stay = tf.range(tf.shape(transitions)[0])[None, :]  # [1, tags]

    def forward(state, word):
        best, _ = state  # [chunks, tags], of sequences that end in each tag
        position, score = word  # [], [chunks, tags]
        paths = best[:, :, None] + transitions[None]  # [chunks, from, to]
        reached = tf.reduce_max(paths, axis=1) + score  # [chunks, tags]
        # A shift of all scores changes nothing, and keeps them precise in long
        # texts.
        reached -= tf.reduce_max(reached, axis=1, keepdims=True)
        previous = tf.argmax(paths, axis=1, output_type=tf.int32)
        ended = (position >= lengths)[:, None]  # [chunks, 1]
        return (
            tf.where(ended, best, reached),
            tf.where(ended, stay, previous),
        )

    start = scores[0] + first  # [chunks, tags]
    none = tf.zeros_like(start, tf.int32)
    rest = (tf.range(1, tf.shape(scores)[0]), scores[1:])
    # Both [words - 1, chunks, tags].
    best, previous = tf.scan(forward, rest, initializer=(start, none))

    def backward(tag, previous):  # [chunks], [chunks, tags] -> [chunks]
        return tf.gather(previous, tag, batch_dims=1)

    last = tf.argmax(best[-1], axis=1, output_type=tf.int32)  # [chunks]
    before = tf.scan(backward, previous, initializer=last, reverse=True)
    return tf.transpose(tf.concat([before, last[None]], axis=0))


def _marginals(scores, lengths, first, transitions):
    """Computes the marginal probabilities of the tags of each chunk.

    Args:
        scores: float32 [words, chunks, tags].
        lengths: Words of each chunk, int32 [chunks].
        first: Scores of the first tags, float32 [chunks, tags].
        transitions: float32 [tags, tags].

    Returns:
        float32 [chunks, words, tags].
    """
    none = tf.zeros_like(scores[0])  # [chunks, tags]

    def forward(before, word):
        position, score = word  # [], [chunks, tags]
        paths = before[:, :, None] + transitions[None]  # [chunks, from, to]
        reached = tf.reduce_logsumexp(paths, axis=1) + score  # [chunks, tags]
        ended = (position >= lengths)[:, None]  # [chunks, 1]
        return tf.where(ended, before, tf.nn.log_softmax(reached))

    def backward(after, word):
        position, score = word  # of the next word: [], [chunks, tags]
        # [chunks, from, to]
        paths = transitions[None] + (score + after)[:, None]
        reached = tf.reduce_logsumexp(paths, axis=2)  # [chunks, tags]
        ended = (position >= lengths)[:, None]  # [chunks, 1]
        return tf.where(ended, none, tf.nn.log_softmax(reached))

    # `log_softmax` only shifts all tags of a word alike, which cancels out in
    # the end, and keeps the scores precise in long texts.
    start = tf.nn.log_softmax(scores[0] + first)  # [chunks, tags]
    rest = (tf.range(1, tf.shape(scores)[0]), scores[1:])
    # Both [words - 1, chunks, tags].
    before = tf.scan(forward, rest, initializer=start)
    after = tf.scan(backward, rest, initializer=none, reverse=True)
    before = tf.concat([start[None], before], axis=0)  # [words, chunks, tags]
    after = tf.concat([after, none[None]], axis=0)
    return tf.transpose(tf.nn.softmax(before + after), [1, 0, 2])
