"""The best tags for the words of a text, in the graph.

Tags depend on each other: I-PER must go on with what B-PER began. The best
path through all of a text's tags that keeps to this is found by the Viterbi
algorithm, with core operations that every server has.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

# The log-probability of what cannot be; infinity would make NaN of gradients.
IMPOSSIBLE = -1e9
OUTSIDE = "O"


def tag_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Returns the tags of entity types: O, then B and I of each.

    Example:
        >>> tag_names(["LOC", "PER"])
        ('O', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER')
    """
    pairs = [(f"B-{label}", f"I-{label}") for label in labels]
    return (OUTSIDE, *(tag for pair in pairs for tag in pair))


def allowed_steps(labels: int) -> np.ndarray:
    """Returns 0 for tags that may follow each other, else `IMPOSSIBLE`.

    Args:
        labels: Number of entity types.

    Returns:
        float32 [tags + 1, tags]: from each tag, or from the beginning of a
        text, which is the last row, to each tag.

    Example:
        >>> (allowed_steps(1) == 0).astype(int).tolist()  # O, B, I, beginning
        [[1, 1, 0], [1, 1, 1], [1, 1, 1], [1, 1, 0]]
    """
    tags = 2 * labels + 1
    steps = np.zeros([tags + 1, tags], np.float32)
    for inside in range(2, tags, 2):
        steps[:, inside] = IMPOSSIBLE
        steps[[inside - 1, inside], inside] = 0.0
    return steps


def best_tags(scores: tf.RaggedTensor, steps: tf.Tensor) -> tf.RaggedTensor:
    """Finds the tags of each text whose scores and steps sum to the most.

    Args:
        scores: Of each tag of each word, float32 [batch, (words), tags].
        steps: Of one tag after another, float32 [tags + 1, tags]; see
            `allowed_steps`.

    Returns:
        int32 [batch, (words)].

    Example:
        >>> scores = tf.RaggedTensor.from_row_lengths(
        ...     [[0.0, 1.0, 2.0], [0.0, 0.0, 3.0]], [2]
        ... )
        >>> best_tags(scores, tf.constant(allowed_steps(1))).to_list()
        [[1, 2]]
    """
    lengths = tf.cast(scores.row_lengths(), tf.int32)
    # At least one step: a loop of none has nothing to stack.
    length = tf.reduce_max(tf.concat([lengths, [2]], axis=0))
    tags = steps.shape[1]
    shape = tf.stack([tf.size(lengths), length, tags])
    rows = scores.to_tensor(shape=tf.cast(shape, tf.int64))
    rows = tf.ensure_shape(rows, [None, None, tags])
    paths = _paths(tf.transpose(rows, [1, 0, 2]), lengths, steps)
    flat = tf.boolean_mask(paths, tf.sequence_mask(lengths, length))
    return tf.RaggedTensor.from_row_splits(
        flat, scores.row_splits, validate=False
    )


def _paths(scores, lengths, steps):
    """Returns int32 [batch, words] for scores [words, batch, tags]."""
    first, steps = steps[-1], steps[:-1]
    stay = tf.range(tf.shape(steps)[0])[None, :]

    def forward(state, word):
        best, _ = state
        position, given = word
        ways = best[:, :, None] + steps[None]  # [batch, from, to]
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
