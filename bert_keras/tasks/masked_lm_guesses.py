"""Guesses for the masks of texts of any length, in the graph.

texts -> windows -> those with masks -> logits at the masks -> the best pieces
"""

import tensorflow as tf

from bert_keras.contract import INPUT_WORD_IDS, MASKED_LM_POSITIONS
from bert_keras.preprocessing import (
    Windows,
    map_windows,
    slide,
    windows_per_batch,
)

# Logits held at once, of 30,522 pieces each: 62 MB.
_MASKS_AT_ONCE = 512
_IDS = "ids"


def guess_masks(
    preprocessor, network, texts: tf.Tensor, *, count: int
) -> dict[str, tf.Tensor]:
    """Finds the masks of texts, and the best pieces for each.

    A text longer than a row is read by windows that begin where half of the
    one before is over. Each mask is guessed in the window in which it has
    most context; windows without a mask are not computed.

    Args:
        preprocessor: Strings to ids, to which `[MASK]` in a text is a piece.
        network: Packed ids and places in, logits [windows, masks, pieces] out.
        texts: Strings [batch].
        count: Pieces for each mask.

    Returns:
        `text_indices`, which text a mask is of, `starts` and `ends`, its
        characters, each int32 [masks]; `tokens` string and `scores` float32
        [masks, count], best first.
    """
    vocabulary = preprocessor.vocabulary
    count = min(count, len(vocabulary))
    stride = max(1, (preprocessor.max_length - 2) // 2)
    windows = slide(preprocessor, texts, stride=stride)
    asked = _asked(windows, vocabulary.mask_id)
    windows = _chosen(windows, tf.reduce_any(asked, axis=1))

    def look(part: Windows) -> dict[str, tf.Tensor]:
        asked = _asked(part, vocabulary.mask_id)
        window, place = tf.unstack(tf.cast(tf.where(asked), tf.int32), axis=1)
        positions = tf.RaggedTensor.from_value_rowids(
            place, window, nrows=tf.size(part.text_indices), validate=False
        )
        inputs = part.inputs | {MASKED_LM_POSITIONS: positions.to_tensor()}
        logits = network(inputs, training=False, packed=True)
        real = tf.sequence_mask(positions.row_lengths())
        # Tables may have rows to spare, which are no pieces.
        logits = tf.boolean_mask(logits[:, :, : len(vocabulary)], real)
        best, ids = tf.math.top_k(logits, count)
        total = tf.reduce_logsumexp(logits, axis=1, keepdims=True)
        return {
            _IDS: ids,
            "scores": tf.exp(best - total),
            "text_indices": tf.gather(part.text_indices, window),
            "starts": tf.boolean_mask(part.starts, asked),
            "ends": tf.boolean_mask(part.ends, asked),
        }

    found = map_windows(
        look,
        windows,
        {
            _IDS: tf.TensorSpec([None, count], tf.int32),
            "scores": tf.TensorSpec([None, count], tf.float32),
            "text_indices": tf.TensorSpec([None], tf.int32),
            "starts": tf.TensorSpec([None], tf.int32),
            "ends": tf.TensorSpec([None], tf.int32),
        },
        batch_size=_batch_size(windows, vocabulary.mask_id),
    )
    tokens = tf.gather(tf.constant(vocabulary.tokens), found.pop(_IDS))
    return found | {"tokens": tokens}


def _asked(windows: Windows, mask_id: int) -> tf.Tensor:
    """Returns where a mask is guessed, bool [windows, length]."""
    is_mask = tf.equal(windows.inputs[INPUT_WORD_IDS], mask_id)
    return is_mask & windows.is_max_context


def _chosen(windows: Windows, kept: tf.Tensor) -> Windows:
    return Windows(
        {n: tf.boolean_mask(x, kept) for n, x in windows.inputs.items()},
        *(tf.boolean_mask(x, kept) for x in windows[1:]),
    )


def _batch_size(windows: Windows, mask_id: int) -> tf.Tensor:
    """Returns how many windows memory is taken for at a time."""
    masks = tf.reduce_sum(tf.cast(_asked(windows, mask_id), tf.int32), axis=1)
    most = tf.reduce_max(tf.concat([masks, [1]], axis=0))
    return tf.clip_by_value(
        _MASKS_AT_ONCE // most, 1, windows_per_batch(windows)
    )
