"""Guesses at masks become texts without them, in the graph."""

import tensorflow as tf

from bert_keras import contract
from bert_keras.contract import CONTINUATION_PREFIX
from bert_keras.postprocessing.entities import extract_spans

# Space before a mask, which a piece that continues a word takes away.
_SPACE_BEFORE = r"[\s\p{Z}]+\z"
# Whole sentences of one text, in bytes; beyond that there are none.
_LARGEST = 1 << 23


class MaskFiller(tf.Module):
    """Turns the best pieces for each mask into answers.

    A piece `##s` continues a word: it loses its marks, and joins on to what
    stands before the mask.

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
        """Fills masks in.

        Args:
            texts: Strings [batch].
            text_indices: Which text each mask is of, int32 [masks], rising.
            starts: First character of each, int32 [masks], rising in a text.
            ends: The character after its last, int32 [masks].
            tokens: The best pieces, best first, string [masks, k].
            scores: Their probabilities, float32 [masks, k].

        Returns:
            `tokens` string, `scores` float32 and `sequences` string, all
            [batch, masks, k]; `starts` and `ends` int32 [batch, masks];
            `sequence` string [batch]. Each of the `sequences` has one mask
            filled in, `sequence` all of them; with no mask it is the text. A
            text that is so long, with so many masks, that its `sequences`
            would take over 8 MB has empty ones.
        """

        def by_text(values, fill):
            return tf.RaggedTensor.from_value_rowids(
                values,
                tf.cast(text_indices, tf.int64),
                nrows=tf.size(texts, tf.int64),
                validate=False,
            ).to_tensor(fill)

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
    """Returns the text of each mask with each of its pieces, [masks, k]."""
    count = tf.size(texts)
    masks = tf.math.unsorted_segment_sum(
        tf.ones_like(text_indices), text_indices, count
    )
    room = _LARGEST // tf.shape(tokens)[1]
    fits = tf.strings.length(texts) <= room // tf.maximum(masks, 1)
    fits = tf.gather(fits, text_indices)
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
    """Returns the texts with one piece for each mask, [batch]."""
    same = tf.equal(text_indices[1:], text_indices[:-1])
    reached = tf.concat([[0], tf.where(same, ends[:-1], 0)], axis=0)
    parts = _joined(
        extract_spans(
            texts, text_indices, reached[: tf.size(text_indices)], starts
        ),
        tokens,
    )
    count = tf.size(texts)
    last = tf.math.unsorted_segment_max(ends, text_indices, count)
    rest = extract_spans(
        texts, tf.range(count), tf.maximum(last, 0), _lengths(texts)
    )
    return tf.strings.unsorted_segment_join(parts, text_indices, count) + rest


def _joined(before: tf.Tensor, tokens: tf.Tensor) -> tf.Tensor:
    """Adds pieces to what stands before them; both broadcast."""
    continues = tf.strings.regex_full_match(
        tokens, f"{CONTINUATION_PREFIX}(?s:.*)"
    )
    close = tf.strings.regex_replace(before, _SPACE_BEFORE, "")
    plain = tf.strings.regex_replace(tokens, rf"\A{CONTINUATION_PREFIX}", "")
    return tf.where(continues, close, before) + plain


def _lengths(texts: tf.Tensor) -> tf.Tensor:
    """Returns the characters of texts, int32 [batch], UTF-8 only."""
    characters = tf.strings.unicode_decode(texts, "UTF-8", errors="ignore")
    return tf.cast(characters.row_lengths(), tf.int32)
