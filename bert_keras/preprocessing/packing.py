"""Ids to the encoder's inputs: special tokens, truncation, padding.

    one segment    [CLS] a a a [SEP]
    two segments   [CLS] a a a [SEP] b b [SEP]
    type ids         0   0 0 0   0   1 1   1

Only core TensorFlow operations are used, because tf.text's trimmers need an
operation that TF Serving before 2.20 lacks.
"""

import dataclasses
from collections.abc import Sequence

import tensorflow as tf

from bert_keras.contract import INPUT_MASK, INPUT_TYPE_IDS, INPUT_WORD_IDS
from bert_keras.preprocessing.vocabulary import Vocabulary

Padding = str | Sequence[int]


@dataclasses.dataclass(frozen=True)
class SpecialIds:
    """Ids of the special tokens that packing adds."""

    cls: int
    sep: int
    pad: int

    @classmethod
    def from_vocabulary(cls, vocabulary: Vocabulary) -> "SpecialIds":
        """Returns the ids of a vocabulary."""
        return cls(vocabulary.cls_id, vocabulary.sep_id, vocabulary.pad_id)


def trim_pair(
    a: tf.RaggedTensor, b: tf.RaggedTensor, max_tokens: int | tf.Tensor
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Truncates two segments until both fit: always the longer, by one token.

    If both are equally long, `b` loses a token. This is what original BERT
    does (`_truncate_seq_pair`); tf.text's `RoundRobinTrimmer` gives the same.

    Args:
        a: Ids, int32 [batch, (tokens)].
        b: Ids, int32 [batch, (tokens)].
        max_tokens: Tokens that fit, both segments together.

    Returns:
        Both, truncated at the end.

    Example:
        >>> a = tf.ragged.constant([[1, 2, 3, 4]])
        >>> b = tf.ragged.constant([[5, 6]])
        >>> trim_pair(a, b, 5)
        (<tf.RaggedTensor [[1, 2, 3]]>, <tf.RaggedTensor [[5, 6]]>)
    """
    size_a, size_b = a.row_lengths(), b.row_lengths()  # int64 [batch]
    half_a, half_b = max_tokens - max_tokens // 2, max_tokens // 2
    keep_a = tf.minimum(size_a, tf.maximum(max_tokens - size_b, half_a))
    keep_b = tf.minimum(size_b, tf.maximum(max_tokens - size_a, half_b))
    return trim(a, keep_a), trim(b, keep_b)


def pack(
    a: tf.RaggedTensor,
    b: tf.RaggedTensor | None,
    special: SpecialIds,
    *,
    max_length: int | tf.Tensor,
    padding: Padding = "longest",
) -> dict[str, tf.Tensor]:
    """Packs one or two segments into the encoder's inputs.

    | padding | length of every sequence |
    |---|---|
    | `"longest"` | that of the longest sequence |
    | `"fixed"` | `max_length` |
    | `[32, 64]` | the smallest that fits: 32, 64, or else `max_length` |

    Args:
        a: Ids of the first segment, int32 [batch, (tokens)].
        b: Ids of the second segment, int32 [batch, (tokens)], or None.
        special: Ids of the special tokens.
        max_length: Maximum number of tokens, including special ones; an int,
            or with `"fixed"` a tensor, int64 [].
        padding: The length to pad to, see above.

    Returns:
        `contract.ENCODER_INPUTS`, each int32 [batch, length].

    Example:
        >>> packed = pack(
        ...     tf.ragged.constant([[7], [8, 9]]),
        ...     None,
        ...     SpecialIds(cls=2, sep=3, pad=0),
        ...     max_length=8,
        ... )
        >>> packed["input_word_ids"].numpy().tolist()
        [[2, 7, 3, 0], [2, 8, 9, 3]]
    """
    if b is None:
        a = trim(a, tf.minimum(a.row_lengths(), max_length - 2))
        ids = _frame(a, special)  # [batch, (tokens)]
    else:
        a, b = trim_pair(a, b, max_length - 3)
        ids = tf.concat([_frame(a, special), _end(b, special)], axis=1)
    sizes = tf.cast(ids.row_lengths(), tf.int32)  # [batch]
    first = tf.cast(a.row_lengths(), tf.int32) + 2  # [batch], with [CLS] [SEP]
    length = _padded_length(sizes, max_length, padding)  # []
    mask = tf.sequence_mask(sizes, length, dtype=tf.int32)  # [batch, length]
    return {
        INPUT_WORD_IDS: _pad(ids, special.pad, length),
        INPUT_MASK: mask,
        INPUT_TYPE_IDS: mask - tf.sequence_mask(first, length, dtype=tf.int32),
    }


def trim(ids: tf.RaggedTensor, keep: tf.Tensor) -> tf.RaggedTensor:
    """Truncates each sequence.

    Args:
        ids: int32 [batch, (tokens)].
        keep: Tokens to keep of each sequence, int64 [batch].

    Returns:
        int32 [batch, (tokens)].
    """
    sizes = ids.row_lengths()
    position = tf.ragged.range(sizes).flat_values
    kept = position < tf.gather(keep, ids.value_rowids())
    return tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(ids.flat_values, kept), keep, validate=False
    )


def _frame(ids: tf.RaggedTensor, special: SpecialIds) -> tf.RaggedTensor:
    """Returns `[CLS]` ids `[SEP]`."""
    return tf.concat(
        [_column(ids, special.cls), ids, _column(ids, special.sep)], axis=1
    )


def _end(ids: tf.RaggedTensor, special: SpecialIds) -> tf.RaggedTensor:
    """Returns ids `[SEP]`."""
    return tf.concat([ids, _column(ids, special.sep)], axis=1)


def _pad(
    ids: tf.RaggedTensor, pad_id: int, length: tf.Tensor | int
) -> tf.Tensor:
    """Returns padded ids, int32 [batch, length]."""
    if isinstance(length, int):  # Then the shape is known while tracing.
        return ids.to_tensor(pad_id, shape=[None, length])
    shape = tf.stack([tf.constant(-1, tf.int64), tf.cast(length, tf.int64)])
    return ids.to_tensor(pad_id, shape=shape)


def _column(ids: tf.RaggedTensor, value: int) -> tf.Tensor:
    """Returns the value once for each sequence, int32 [batch, 1]."""
    return tf.fill([ids.nrows(), 1], tf.constant(value, tf.int32))


def _padded_length(
    sizes: tf.Tensor, max_length: int | tf.Tensor, padding: Padding
) -> tf.Tensor | int:
    if padding == "fixed":
        return max_length
    # An empty batch has the length of an empty text, [CLS] [SEP], so that
    # code that takes the first position of each sequence finds one.
    longest = tf.reduce_max(tf.concat([sizes, [2]], axis=0))
    if padding == "longest":
        return longest
    lengths = tf.constant(sorted({*padding, max_length}), tf.int32)
    return tf.reduce_min(tf.boolean_mask(lengths, lengths >= longest))
