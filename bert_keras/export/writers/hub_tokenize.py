"""The steps `tokenize` and `tokenize_with_offsets` of the TF Hub text API."""

from collections.abc import Callable

import tensorflow as tf

from bert_keras.preprocessing import Tokenizer, Vocabulary, lookup

# From each of these code points on, UTF-8 takes one byte more.
_LONGER = (0x80, 0x800, 0x10000)


class Step(tf.Module):
    """A step that can be called on its own and has the special tokens.

    Args:
        call: A function of strings [batch].
        special: Ids of special tokens by their role.
    """

    def __init__(self, call: Callable, special: dict[str, int]):
        super().__init__()
        sentences = tf.TensorSpec([None], tf.string, name="sentences")
        self.__call__ = tf.function(
            call, input_signature=[sentences], autograph=False
        )
        self.get_special_tokens_dict = tf.function(
            lambda: {name: tf.constant(i) for name, i in special.items()},
            input_signature=[],
            autograph=False,
        )


class TokenizerByWords(tf.Module):
    """A tokenizer whose tokens are grouped by words: `##` continues one.

    Args:
        tokenizer: Splits text into tokens.
    """

    def __init__(self, tokenizer: Tokenizer):
        super().__init__()
        self._tokenizer = tokenizer
        with tf.init_scope():
            self._begins = tf.constant(tokenizer.vocabulary.begins_word)

    def tokenize(self, sentences):
        """Returns tokens, int32 [batch, (words), (tokens)]."""
        ids = self._tokenizer.tokenize(sentences)
        return self._by_words(ids, tf.shape(sentences)[0])

    def tokenize_with_offsets(self, sentences):
        """Returns tokens, and the bytes of the text that each covers.

        Starts and ends are int64 with the tokens' axes, as in the Model
        Garden. They count bytes from the start of a text, invalid UTF-8
        included.
        """
        ids, starts, ends = self._tokenizer.tokenize_with_offsets(sentences)
        first, after = character_bytes(sentences)
        last = ends.with_flat_values(ends.flat_values - 1)
        starts = lookup(first, tf.cast(starts, tf.int64)).flat_values
        ends = lookup(after, tf.cast(last, tf.int64)).flat_values
        words = self._by_words(ids, tf.shape(sentences)[0])
        return (
            words,
            words.with_flat_values(starts),
            words.with_flat_values(ends),
        )

    def _by_words(self, ids, rows):
        """Turns [batch, (tokens)] into [batch, (words), (tokens)]."""
        begins = tf.gather(self._begins, ids.flat_values)
        words = tf.RaggedTensor.from_row_starts(
            ids.flat_values, tf.where(begins)[:, 0], validate=False
        )
        before = tf.cumsum(tf.cast(begins, tf.int64))
        before = tf.concat([tf.zeros([1], tf.int64), before], axis=0)
        # Keeps a static batch size.
        splits = tf.reshape(tf.gather(before, ids.row_splits), [rows + 1])
        return tf.RaggedTensor.from_row_splits(words, splits, validate=False)


def character_bytes(
    texts: tf.Tensor,
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    r"""Returns each character's first byte and the byte after its last.

    Args:
        texts: Strings [batch]. Invalid UTF-8 is skipped.

    Returns:
        Two int64 [batch, (characters)].

    Example:
        >>> first, after = character_bytes(tf.constant([b"n\xc3\xa9\xff!"]))
        >>> first.to_list(), after.to_list()
        ([[0, 1, 4]], [[1, 3, 5]])
    """
    characters, first = tf.strings.unicode_decode_with_offsets(
        texts, "UTF-8", errors="ignore"
    )
    codes = characters.flat_values
    size = 1 + sum(tf.cast(codes >= start, tf.int64) for start in _LONGER)
    return first, first.with_flat_values(first.flat_values + size)


def special_tokens(vocabulary: Vocabulary) -> dict[str, int]:
    """Returns ids by their role, and the size of the vocabulary.

    Example:
        >>> special_tokens(
        ...     Vocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
        ... )["end_of_segment_id"]
        3
    """
    return {
        "start_of_sequence_id": vocabulary.cls_id,
        "end_of_segment_id": vocabulary.sep_id,
        "padding_id": vocabulary.pad_id,
        "mask_id": vocabulary.mask_id,
        "vocab_size": len(vocabulary),
    }
