"""Words to pieces: the longest piece that fits, then again for the rest.

tf.text's `FastWordpieceTokenizer` does this in linear time. Around it stand
the two things in which it differs from original BERT: a word's length limit
is in characters, not in bytes, and ideographs are split only where asked.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_text as tf_text
from tensorflow_text.core.pybinds import (
    pywrap_fast_wordpiece_tokenizer_model_builder as model_builder,
)

from bert_keras.config import TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX
from bert_keras.preprocessing.offsets import characters_through

_BYTES_PER_CHARACTER = 4


class Pieces(NamedTuple):
    """Pieces of each text and where they stand, [batch, (pieces)].

    Attributes:
        ids: Numbers of pieces, int32.
        starts: First byte, in the text that was split, int64.
        ends: The byte after the last, int64.
    """

    ids: tf.RaggedTensor
    starts: tf.RaggedTensor
    ends: tf.RaggedTensor

    @classmethod
    def from_flat(
        cls, flat: Sequence[tf.Tensor], splits: tf.Tensor
    ) -> "Pieces":
        """Returns ids, starts and ends of all rows, split into rows."""
        return cls(
            *(
                tf.RaggedTensor.from_row_splits(part, splits, validate=False)
                for part in flat
            )
        )


class Wordpiece(tf.Module):
    """Splits folded text into words and those into pieces.

    Args:
        pieces: The vocabulary.
        unknown: Number of the piece for a word that cannot be spelled.
        config: Gives the length limit and whether ideographs are words.
    """

    def __init__(
        self, pieces: Sequence[str], unknown: int, config: TokenizerConfig
    ):
        super().__init__()
        self._unknown = unknown
        self._limit = config.max_word_length
        self._splits_words = config.tokenize_chinese_chars
        model = model_builder.build_fast_wordpiece_model(
            list(pieces),
            _BYTES_PER_CHARACTER * self._limit,
            CONTINUATION_PREFIX,
            pieces[unknown],
            not self._splits_words,  # Whether it gets single words.
            False,  # No detokenization.
        )
        begins = [not piece.startswith(CONTINUATION_PREFIX) for piece in pieces]
        # One copy for all functions: see `CharacterMap`.
        with tf.init_scope():
            model = tf.constant(np.frombuffer(model, np.uint8))
            self._begins_word = tf.constant(begins)
        self._tokenizer = tf_text.FastWordpieceTokenizer(
            model_buffer=model, token_out_type=tf.int32
        )

    def __call__(self, texts: tf.Tensor) -> Pieces:
        """Returns the pieces of folded texts, string [batch]."""
        if self._splits_words:
            pieces = Pieces(*self._tokenizer.tokenize_with_offsets(texts))
        else:
            pieces = self._split_at_spaces(texts)
        return self._limit_words(texts, pieces)

    def _split_at_spaces(self, texts: tf.Tensor) -> Pieces:
        words, begins, _ = tf_text.regex_split_with_offsets(texts, " ")
        pieces = self._tokenizer.tokenize_with_offsets(words.flat_values)
        ids, starts, ends = (part.flat_values for part in pieces)
        # Positions in a word become positions in its text.
        shift = tf.gather(begins.flat_values, pieces[0].value_rowids())
        splits = tf.gather(pieces[0].row_splits, words.row_splits)
        return Pieces.from_flat((ids, starts + shift, ends + shift), splits)

    def _limit_words(self, texts: tf.Tensor, pieces: Pieces) -> Pieces:
        """Makes a word of too many characters one unknown piece.

        The operation has done so for words of more bytes than the limit's
        characters can have. Few batches need more than the first of these
        looks: a long text, in it a word of many bytes.
        """
        parts = tf.cond(
            tf.reduce_any(tf.strings.length(texts) > self._limit),
            lambda: self._limit_if_many_bytes(texts, pieces),
            lambda: tuple(pieces),
        )
        return Pieces(*parts)

    def _limit_if_many_bytes(self, texts: tf.Tensor, pieces: Pieces):
        begins = tf.gather(self._begins_word, pieces.ids.flat_values)
        ends = tf.concat([begins[1:], tf.ones_like(begins[:1])], axis=0)
        # The bytes of each word of the batch, first and (after the) last.
        first = tf.boolean_mask(pieces.starts.flat_values, begins)
        after = tf.boolean_mask(pieces.ends.flat_values, ends)
        return tf.cond(
            tf.reduce_any(after - first > self._limit),
            lambda: self._replace_long_words(texts, pieces, begins, after),
            lambda: tuple(pieces),
        )

    def _replace_long_words(self, texts, pieces: Pieces, begins, after):
        ids, starts, ends = (part.flat_values for part in pieces)
        word = tf.cumsum(tf.cast(begins, tf.int32)) - 1
        ends_word = tf.gather(after, word)
        through = characters_through(
            texts, pieces.ends.with_flat_values(ends_word - 1)
        )
        before = characters_through(texts, pieces.starts)
        count = through.flat_values - before.flat_values + 1
        # Counted from its own piece, so only a word's first count is whole.
        whole = tf.gather(tf.boolean_mask(count, begins), word)
        long = whole > self._limit
        keep = begins | ~long
        flat = (
            tf.where(long, self._unknown, ids),
            starts,
            tf.where(long, ends_word, ends),
        )
        kept = tf.cumsum(tf.cast(keep, tf.int64))
        kept = tf.concat([tf.zeros([1], tf.int64), kept], axis=0)
        return tuple(
            Pieces.from_flat(
                [tf.boolean_mask(part, keep) for part in flat],
                tf.gather(kept, pieces.ids.row_splits),
            )
        )
