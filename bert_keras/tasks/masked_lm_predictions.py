"""Predictions for the masks of texts of any length, in the graph.

texts -> windows -> those with masks -> logits at the masks -> best tokens
"""

import tensorflow as tf

from bert_keras.contract import INPUT_WORD_IDS, MASKED_LM_POSITIONS
from bert_keras.preprocessing import (
    Windows,
    map_windows,
    slide,
    windows_per_batch,
)

# Masks whose logits, 30,522 each, are held in memory at once: 62 MB.
_MASKS_AT_ONCE = 512
_IDS = "ids"


def predict_masks(
    preprocessor, network, texts: tf.Tensor, *, count: int
) -> dict[str, tf.Tensor]:
    """Finds the masks of texts, and the best tokens for each.

    A text longer than a sequence is read in windows that overlap by half.
    Each mask is predicted in the window in which it has the most context;
    windows without a mask are not computed.

    Args:
        preprocessor: Strings to ids; it takes `[MASK]` in a text as the token.
        network: Packed ids and masked positions in, logits [windows, masks,
            tokens] out.
        texts: Strings [batch].
        count: Tokens for each mask.

    Returns:
        `text_indices`, the text of each mask, `starts` and `ends`, its
        characters, each int32 [masks]; `tokens` string and `scores` float32
        [masks, count], best first.
    """
    vocabulary = preprocessor.vocabulary
    count = min(count, len(vocabulary))
    stride = max(1, (preprocessor.max_length - 2) // 2)
    windows = slide(preprocessor, texts, stride=stride)
    is_predicted = _is_predicted(windows, vocabulary.mask_id)
    windows = _select(windows, tf.reduce_any(is_predicted, axis=1))

    def predict(part: Windows) -> dict[str, tf.Tensor]:
        is_predicted = _is_predicted(part, vocabulary.mask_id)
        indices = tf.cast(tf.where(is_predicted), tf.int32)
        window, position = tf.unstack(indices, axis=1)
        positions = tf.RaggedTensor.from_value_rowids(
            position, window, nrows=tf.size(part.text_indices), validate=False
        )
        inputs = part.inputs | {MASKED_LM_POSITIONS: positions.to_tensor()}
        logits = network(inputs, training=False, packed=True)
        real = tf.sequence_mask(positions.row_lengths())
        # Word embeddings may have more rows than the vocabulary has tokens.
        logits = tf.boolean_mask(logits[:, :, : len(vocabulary)], real)
        best, ids = tf.math.top_k(logits, count)
        total = tf.reduce_logsumexp(logits, axis=1, keepdims=True)
        return {
            _IDS: ids,
            "scores": tf.exp(best - total),
            "text_indices": tf.gather(part.text_indices, window),
            "starts": tf.boolean_mask(part.starts, is_predicted),
            "ends": tf.boolean_mask(part.ends, is_predicted),
        }

    found = map_windows(
        predict,
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


def _is_predicted(windows: Windows, mask_id: int) -> tf.Tensor:
    """Returns where a mask is predicted, bool [windows, length]."""
    is_mask = tf.equal(windows.inputs[INPUT_WORD_IDS], mask_id)
    return is_mask & windows.is_max_context


def _select(windows: Windows, kept: tf.Tensor) -> Windows:
    return Windows(
        {n: tf.boolean_mask(x, kept) for n, x in windows.inputs.items()},
        *(tf.boolean_mask(x, kept) for x in windows[1:]),
    )


def _batch_size(windows: Windows, mask_id: int) -> tf.Tensor:
    """Returns how many windows to compute at once, int32 []."""
    is_predicted = tf.cast(_is_predicted(windows, mask_id), tf.int32)
    masks = tf.reduce_sum(is_predicted, axis=1)
    most = tf.reduce_max(tf.concat([masks, [1]], axis=0))
    return tf.clip_by_value(
        _MASKS_AT_ONCE // most, 1, windows_per_batch(windows)
    )
