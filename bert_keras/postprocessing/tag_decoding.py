"""The best tags for the words of a text, in the graph.

Tags depend on each other: I-PER must go on with what B-PER began. The best
path through all of a text's tags that keeps to this is found by the Viterbi
algorithm, with core operations that every server has.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

# The log-probability of what cannot be; infinity would make NaN of gradients.
IMPOSSIBLE = -1e9
OUTSIDE = "O"
_STRETCH = 512


def tag_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Returns the tags of entity types: O, then B and I of each.

    Example:
        >>> tag_names(["LOC", "PER"])
        ('O', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER')
    """
    pairs = [(f"B-{label}", f"I-{label}") for label in labels]
    return (OUTSIDE, *(tag for pair in pairs for tag in pair))


def allowed_transitions(labels: int) -> np.ndarray:
    """Returns 0 for tags that may follow each other, else `IMPOSSIBLE`.

    Args:
        labels: Number of entity types.

    Returns:
        float32 [tags + 1, tags]: from each tag, or from the beginning of a
        text, which is the last row, to each tag.

    Example:
        >>> # From O, B, I and the beginning, to O, B, I.
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
    """Finds the tags of each text whose scores and transitions sum to the most.

    A long text is gone through in chunks, all at once: each of its first
    512 words, the next 512 and so on, is parted after the word that is most
    certain to be outside of everything, where no path has a reason to cross.

    Args:
        scores: Of each tag of each word, float32 [batch, (words), tags], O
            being the first.
        transitions: Of one tag after another, float32 [tags + 1, tags]; see
            `allowed_transitions`.

    Returns:
        int32 [batch, (words)].

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
    """Finds how likely each tag of each word is, whatever the others are.

    By the forward-backward algorithm: the share of all paths that go through
    this tag, each counted as exp of its sum. Long texts are parted as in
    `viterbi_decode`.

    Args:
        scores: As in `viterbi_decode`.
        transitions: The same.

    Returns:
        float32 [batch, (words), tags].

    Example:
        >>> scores = tf.RaggedTensor.from_row_lengths(
        ...     [[0.0, 1.0, 2.0], [0.0, 0.0, 3.0]], [2]
        ... )
        >>> found = tag_marginals(scores, tf.constant(allowed_transitions(1)))
        >>> found.to_tensor()[0].numpy().round(2)  # nothing begins with an I
        array([[0.03, 0.97, 0.  ],
               [0.06, 0.06, 0.88]], dtype=float32)
    """
    chunks = _chunks(scores, transitions)
    return chunks.joined(_marginals(*chunks.parts, transitions[:-1]))


class _Chunks(NamedTuple):
    """Texts in chunks, side by side.

    Attributes:
        parts: Scores float32 [words, chunks, tags]; words of each, int32
            [chunks]; scores of a step to each stretch's first tag, float32
            [chunks, tags].
        row_splits: Of the texts.
    """

    parts: tuple[tf.Tensor, tf.Tensor, tf.Tensor]
    row_splits: tf.Tensor

    def joined(self, found: tf.Tensor) -> tf.RaggedTensor:
        """Returns what was found for words, [chunks, words, ...], by text.

        All chunks of a text follow each other, in order.
        """
        scores, lengths, _ = self.parts
        inside = tf.sequence_mask(lengths, tf.shape(scores)[0])
        return tf.RaggedTensor.from_row_splits(
            tf.boolean_mask(found, inside), self.row_splits, validate=False
        )


def _chunks(scores: tf.RaggedTensor, transitions: tf.Tensor) -> _Chunks:
    tags = transitions.shape[1]
    flat = tf.ensure_shape(scores.flat_values, [None, tags])
    position = tf.ragged.range(scores.row_lengths()).flat_values
    fresh = tf.equal(position, 0)
    begins = fresh | _after_cut(flat, position, scores)
    stretch = tf.cumsum(tf.cast(begins, tf.int32)) - 1
    count = tf.reduce_sum(tf.cast(begins, tf.int32))
    rows = tf.RaggedTensor.from_value_rowids(
        flat, stretch, nrows=count, validate=False
    )
    lengths = tf.cast(rows.row_lengths(), tf.int32)
    # At least one step: a loop of none has nothing to stack.
    length = tf.reduce_max(tf.concat([lengths, [2]], axis=0))
    shape = tf.cast(tf.stack([count, length, tags]), tf.int64)
    padded = tf.ensure_shape(rows.to_tensor(shape=shape), [None, None, tags])
    # A stretch that goes on does so after an O.
    fresh = tf.boolean_mask(fresh, begins)[:, None]
    first = tf.where(fresh, transitions[-1][None], transitions[0][None])
    parts = tf.transpose(padded, [1, 0, 2]), lengths, first
    return _Chunks(parts, scores.row_splits)


def _after_cut(flat, position, scores: tf.RaggedTensor) -> tf.Tensor:
    """Returns which words begin a new stretch within a text, bool [words]."""
    block = tf.cumsum(tf.cast(tf.equal(position % _STRETCH, 0), tf.int32)) - 1
    outside = flat[:, 0] - tf.reduce_logsumexp(flat, axis=1)
    most = tf.math.unsorted_segment_max(outside, block, tf.size(block))
    full = scores.row_lengths() // _STRETCH * _STRETCH
    full = tf.gather(full, scores.value_rowids())
    cut = tf.equal(outside, tf.gather(most, block)) & (position < full)
    return tf.concat([[False], cut], axis=0)[:-1]


def _paths(scores, lengths, first, transitions):
    """Returns int32 [batch, words] for scores [words, batch, tags]."""
    stay = tf.range(tf.shape(transitions)[0])[None, :]

    def forward(state, word):
        best, _ = state
        position, given = word
        ways = best[:, :, None] + transitions[None]  # [batch, from, to]
        reached = tf.reduce_max(ways, axis=1) + given
        # Nothing is lost if all are shifted, and long texts keep their digits.
        reached -= tf.reduce_max(reached, axis=1, keepdims=True)
        came = tf.argmax(ways, axis=1, output_type=tf.int32)
        ended = (position >= lengths)[:, None]
        return tf.where(ended, best, reached), tf.where(ended, stay, came)

    begun = scores[0] + first
    none = tf.zeros_like(begun, tf.int32)
    rest = (tf.range(1, tf.shape(scores)[0]), scores[1:])
    last, came = tf.scan(forward, rest, initializer=(begun, none))

    def backward(tag, came):
        return tf.gather(came, tag, batch_dims=1)

    end = tf.argmax(last[-1], axis=1, output_type=tf.int32)
    before = tf.scan(backward, came, initializer=end, reverse=True)
    return tf.transpose(tf.concat([before, end[None]], axis=0))


def _marginals(scores, lengths, first, transitions):
    """Returns float32 [batch, words, tags] for scores [words, batch, tags]."""
    none = tf.zeros_like(scores[0])

    def forward(before, word):
        position, given = word
        ways = before[:, :, None] + transitions[None]  # [batch, from, to]
        reached = tf.reduce_logsumexp(ways, axis=1) + given
        ended = (position >= lengths)[:, None]
        return tf.where(ended, before, tf.nn.log_softmax(reached))

    def backward(after, word):
        position, given = word  # of the word after
        ways = transitions[None] + (given + after)[:, None]
        reached = tf.reduce_logsumexp(ways, axis=2)
        ended = (position >= lengths)[:, None]
        return tf.where(ended, none, tf.nn.log_softmax(reached))

    # What all tags of a word have in common cancels out in the end.
    begun = tf.nn.log_softmax(scores[0] + first)
    rest = (tf.range(1, tf.shape(scores)[0]), scores[1:])
    before = tf.scan(forward, rest, initializer=begun)
    after = tf.scan(backward, rest, initializer=none, reverse=True)
    before = tf.concat([begun[None], before], axis=0)
    after = tf.concat([after, none[None]], axis=0)
    return tf.transpose(tf.nn.softmax(before + after), [1, 0, 2])
