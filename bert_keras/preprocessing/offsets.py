"""Positions in strings: bytes, as operations count, to characters.

Byte positions of a whole batch are looked up in one flat array over the
batch's bytes, laid end to end.
"""

import tensorflow as tf


def all_ascii(texts: tf.Tensor) -> tf.Tensor:
    """Tells whether every character is one byte, bool []."""
    characters = tf.strings.length(texts, unit="UTF8_CHAR")
    return tf.reduce_all(tf.equal(characters, tf.strings.length(texts)))


def characters_through(
    texts: tf.Tensor, positions: tf.RaggedTensor
) -> tf.RaggedTensor:
    """Counts the characters that begin at or before each byte.

    It is the number of the byte's character, from 1: the exclusive end of a
    span that ends with that character, and 1 more than its start.

    Args:
        texts: Valid UTF-8, string [batch].
        positions: Bytes, int64 [batch, (positions)].

    Returns:
        Characters, int64 [batch, (positions)].

    Example:
        >>> positions = tf.ragged.constant([[0, 3]], tf.int64)
        >>> characters_through(tf.constant(["né!"]), positions)
        <tf.RaggedTensor [[1, 3]]>
    """
    counted = tf.cond(
        all_ascii(texts),
        lambda: positions.flat_values + 1,
        lambda: _count(texts, positions),
    )
    return positions.with_flat_values(counted)


def _count(texts: tf.Tensor, positions: tf.RaggedTensor) -> tf.Tensor:
    data = tf.io.decode_raw(tf.strings.reduce_join(texts), tf.uint8)
    begins = tf.not_equal(tf.bitwise.bitwise_and(data, 0xC0), 0x80)
    before = tf.cumsum(tf.cast(begins, tf.int64))
    before = tf.concat([tf.zeros([1], tf.int64), before], axis=0)
    sizes = tf.cast(tf.strings.length(texts), tf.int64)
    row = tf.cumsum(sizes, exclusive=True)
    row = tf.gather(row, positions.value_rowids())
    return tf.gather(before, row + positions.flat_values + 1) - tf.gather(
        before, row
    )


def lookup(
    table: tf.RaggedTensor, positions: tf.RaggedTensor
) -> tf.RaggedTensor:
    """Returns `table[row, position]` for each position of each row.

    Args:
        table: int64 [batch, (size)].
        positions: int64 [batch, (positions)].

    Returns:
        int64 [batch, (positions)].
    """
    starts = tf.gather(table.row_starts(), positions.value_rowids())
    flat = tf.gather(table.flat_values, starts + positions.flat_values)
    return positions.with_flat_values(flat)
