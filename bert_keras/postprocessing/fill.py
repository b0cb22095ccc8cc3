"""From predictions for masks to texts without masks, in the graph."""

import tensorflow as tf

from bert_keras import contract
from bert_keras.contract import CONTINUATION_PREFIX
from bert_keras.postprocessing.entities import extract_spans

# White space before a mask, which a token that continues a word removes.
_SPACE_BEFORE = r"[\s\p{Z}]+\z"
# Limit for all `sequences` of one text, in bytes; beyond it they are empty.
_MAX_BYTES = 1 << 23


class MaskFiller(tf.Module):
    """Turns the best tokens for each mask into answers.

    A token such as `##s` continues a word: it is added without the `##`, and
    without a space, to the text before the mask.

    Example:
        >>> found = MaskFiller()(
        ...     tf.constant(["a [MASK]!"]),
        ...     text_indices=tf.constant([0]),
        ...     starts=tf.constant([2]),
        ...     ends=tf.constant([8]),
        ...     tokens=tf.constant([["dog", "##s"]]),
        ...     scores=tf.constant([[0.5, 0.25]]),
        ... )
        >>> found["sequences"].numpy().tolist()
        [[[b'a dog!', b'as!']]]
        >>> found["sequence"].numpy().tolist()
        [b'a dog!']
    """

    def __call__(
        self,
        texts: tf.Tensor,
        *,
        text_indices: tf.Tensor,
        starts: tf.Tensor,
        ends: tf.Tensor,
        tokens: tf.Tensor,
        scores: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Replaces masks by tokens.

        Args:
            texts: Strings [batch].
            text_indices: The text that each mask belongs to, int32 [masks],
                ascending.
            starts: First character of each mask, int32 [masks], ascending
                within a text.
            ends: The character after its last, int32 [masks].
            tokens: The best tokens for each mask, best first, string
                [masks, k].
            scores: Their probabilities, float32 [masks, k].

        Returns:
            `tokens` string, `scores` float32 and `sequences` string, all
            [batch, masks, k]; `starts` and `ends` int32 [batch, masks];
            `sequence` string [batch]. Each of the `sequences` has one mask
            replaced, `sequence` all of them; without a mask it is the text. If
            the `sequences` of a text would take more than 8 MB, they are
            empty.
        """

        def by_text(values, padding):
            return tf.RaggedTensor.from_value_rowids(
                values,
                tf.cast(text_indices, tf.int64),
                nrows=tf.size(texts, tf.int64),
                validate=False,
            ).to_tensor(padding)

        sequences = _sequences(texts, text_indices, starts, ends, tokens)
        best = tokens[:, 0]
        return {
            contract.TOKENS: by_text(tokens, ""),
            contract.SCORES: by_text(scores, 0.0),
            contract.SEQUENCES: by_text(sequences, ""),
            contract.STARTS: by_text(starts, -1),
            contract.ENDS: by_text(ends, -1),
            contract.SEQUENCE: _sequence(
                texts, text_indices, starts, ends, best
            ),
        }


def _sequences(texts, text_indices, starts, ends, tokens) -> tf.Tensor:
    """Returns the text of each mask with each of its tokens, [masks, k]."""
    count = tf.size(texts)
    # How many masks each text has, and whether its sequences fit: [batch].
    masks = tf.math.unsorted_segment_sum(
        tf.ones_like(text_indices), text_indices, count
    )
    room = _MAX_BYTES // tf.shape(tokens)[1]
    fits = tf.strings.length(texts) <= room // tf.maximum(masks, 1)
    fits = tf.gather(fits, text_indices)  # [masks], as those below
    lengths = tf.gather(_lengths(texts), text_indices)
    before = extract_spans(
        texts, text_indices, tf.zeros_like(starts), tf.where(fits, starts, 0)
    )
    after = extract_spans(
        texts, text_indices, tf.where(fits, ends, lengths), lengths
    )
    filled = _joined(before[:, None], tokens) + after[:, None]
    return tf.where(fits[:, None], filled, "")


def _sequence(texts, text_indices, starts, ends, tokens) -> tf.Tensor:
    """Returns the texts with one token for each mask, [batch]."""
    # Each mask adds the text since the mask before it, and its token.
    same = tf.equal(text_indices[1:], text_indices[:-1])
    since = tf.concat([[0], tf.where(same, ends[:-1], 0)], axis=0)
    since = since[: tf.size(starts)]  # [masks], even if there are none
    before = extract_spans(texts, text_indices, since, starts)
    parts = _joined(before, tokens)
    count = tf.size(texts)
    last = tf.math.unsorted_segment_max(ends, text_indices, count)  # [batch]
    rest = extract_spans(
        texts, tf.range(count), tf.maximum(last, 0), _lengths(texts)
    )
    return tf.strings.unsorted_segment_join(parts, text_indices, count) + rest


def _joined(before: tf.Tensor, tokens: tf.Tensor) -> tf.Tensor:
    """Adds tokens to the text before them; both broadcast."""
    continues = tf.strings.regex_full_match(
        tokens, f"{CONTINUATION_PREFIX}(?s:.*)"
    )
    close = tf.strings.regex_replace(before, _SPACE_BEFORE, "")
    plain = tf.strings.regex_replace(tokens, rf"\A{CONTINUATION_PREFIX}", "")
    return tf.where(continues, close, before) + plain


def _lengths(texts: tf.Tensor) -> tf.Tensor:
    """Returns the number of characters of texts, int32 [batch]."""
    characters = tf.strings.unicode_decode(texts, "UTF-8", errors="ignore")
    return tf.cast(characters.row_lengths(), tf.int32)
