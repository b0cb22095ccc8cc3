"""Offsets in strings: from bytes, as operations count, to characters.

The byte offsets of a whole batch are looked up in one flat array over the
concatenated bytes of the batch.
"""

import tensorflow as tf


def all_ascii(texts: tf.Tensor) -> tf.Tensor:
    """Returns whether every character is one byte, bool []."""
    characters = tf.strings.length(texts, unit="UTF8_CHAR")
    return tf.reduce_all(tf.equal(characters, tf.strings.length(texts)))


def characters_through(
    texts: tf.Tensor, offsets: tf.RaggedTensor
) -> tf.RaggedTensor:
    """Counts the characters that begin at or before each byte.

    This is the exclusive end of a span that ends with the byte's character,
    and 1 more than the start of a span that begins with it.

    Args:
        texts: Valid UTF-8, string [batch].
        offsets: In bytes, int64 [batch, (offsets)].

    Returns:
        Numbers of characters, int64 [batch, (offsets)].

    Example:
        >>> offsets = tf.ragged.constant([[0, 3]], tf.int64)
        >>> characters_through(tf.constant(["né!"]), offsets)
        <tf.RaggedTensor [[1, 3]]>
    """
    counted = tf.cond(
        all_ascii(texts),
        lambda: offsets.flat_values + 1,
        lambda: _count(texts, offsets),
    )
    return offsets.with_flat_values(counted)


def _count(texts: tf.Tensor, offsets: tf.RaggedTensor) -> tf.Tensor:
    data = tf.io.decode_raw(tf.strings.reduce_join(texts), tf.uint8)  # [bytes]
    # Bytes of the form 10xxxxxx continue a character; all others begin one.
    begins = tf.not_equal(tf.bitwise.bitwise_and(data, 0xC0), 0x80)
    before = tf.cumsum(tf.cast(begins, tf.int64))
    before = tf.concat([tf.zeros([1], tf.int64), before], axis=0)  # [bytes + 1]
    sizes = tf.cast(tf.strings.length(texts), tf.int64)  # [batch]
    text_start = tf.cumsum(sizes, exclusive=True)  # [batch]
    text_start = tf.gather(text_start, offsets.value_rowids())  # [offsets]
    through = tf.gather(before, text_start + offsets.flat_values + 1)
    return through - tf.gather(before, text_start)


def lookup(table: tf.RaggedTensor, offsets: tf.RaggedTensor) -> tf.RaggedTensor:
    """Returns `table[text, offset]` for each offset of each text.

    Args:
        table: int64 [batch, (size)].
        offsets: int64 [batch, (offsets)].

    Returns:
        int64 [batch, (offsets)].
    """
    starts = tf.gather(table.row_starts(), offsets.value_rowids())
    flat = tf.gather(table.flat_values, starts + offsets.flat_values)
    return offsets.with_flat_values(flat)
