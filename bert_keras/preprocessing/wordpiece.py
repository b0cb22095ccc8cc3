"""WordPiece: words to tokens, the longest match first, then the rest alike.

tf.text's `FastWordpieceTokenizer` does this in linear time. The code around it
handles two things in which it differs from original BERT: the length limit of
a word counts characters, not bytes, and splitting at ideographs is optional.
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


class Tokens(NamedTuple):
    """The tokens of each text and their offsets in bytes, [batch, (tokens)].

    Attributes:
        ids: Ids of the tokens, int32.
        starts: First byte, in the text that was split, int64.
        ends: The byte after the last, int64.
    """

    ids: tf.RaggedTensor
    starts: tf.RaggedTensor
    ends: tf.RaggedTensor

    @classmethod
    def from_flat(
        cls, flat: Sequence[tf.Tensor], splits: tf.Tensor
    ) -> "Tokens":
        """Splits flat ids, starts and ends into texts.

        Args:
            flat: The three, each [tokens of all texts].
            splits: Where texts begin and end, int64 [batch + 1].
        """
        return cls(
            *(
                tf.RaggedTensor.from_row_splits(part, splits, validate=False)
                for part in flat
            )
        )


class WordPiece(tf.Module):
    """Splits normalized text into words, and words into tokens.

    Args:
        tokens: The vocabulary.
        unk_id: Id of the token for words that cannot be spelled.
        config: The length limit, and whether ideographs are words.
    """

    def __init__(
        self, tokens: Sequence[str], unk_id: int, config: TokenizerConfig
    ):
        super().__init__()
        self._unk_id = unk_id
        self._limit = config.max_word_length
        self._splits_words = config.tokenize_chinese_chars
        model = model_builder.build_fast_wordpiece_model(
            list(tokens),
            _BYTES_PER_CHARACTER * self._limit,
            CONTINUATION_PREFIX,
            tokens[unk_id],
            not self._splits_words,  # Whether its input is single words.
            False,  # No detokenization.
        )
        begins = [not token.startswith(CONTINUATION_PREFIX) for token in tokens]
        # One copy for all functions: see `CharacterMap`.
        with tf.init_scope():
            model = tf.constant(np.frombuffer(model, np.uint8))
            self._begins_word = tf.constant(begins)
        self._tokenizer = tf_text.FastWordpieceTokenizer(
            model_buffer=model, token_out_type=tf.int32
        )

    def __call__(self, texts: tf.Tensor) -> Tokens:
        """Returns the tokens of normalized texts, string [batch]."""
        if self._splits_words:
            tokens = Tokens(*self._tokenizer.tokenize_with_offsets(texts))
        else:
            tokens = self._split_at_spaces(texts)
        return self._limit_words(texts, tokens)

    def _split_at_spaces(self, texts: tf.Tensor) -> Tokens:
        words, begins, _ = tf_text.regex_split_with_offsets(texts, " ")
        tokens = self._tokenizer.tokenize_with_offsets(words.flat_values)
        ids, starts, ends = (part.flat_values for part in tokens)  # [tokens]
        # Offsets in a word become offsets in its text.
        shift = tf.gather(begins.flat_values, tokens[0].value_rowids())
        splits = tf.gather(tokens[0].row_splits, words.row_splits)  # [batch+1]
        return Tokens.from_flat((ids, starts + shift, ends + shift), splits)

    def _limit_words(self, texts: tf.Tensor, tokens: Tokens) -> Tokens:
        """Replaces each word of too many characters by one unknown token.

        The operation itself does so for words of more bytes than so many
        characters can have. Few batches get past the first of these checks:
        a long text, then in it a word of many bytes.
        """
        parts = tf.cond(
            tf.reduce_any(tf.strings.length(texts) > self._limit),
            lambda: self._limit_if_many_bytes(texts, tokens),
            lambda: tuple(tokens),
        )
        return Tokens(*parts)

    def _limit_if_many_bytes(self, texts: tf.Tensor, tokens: Tokens):
        begins = tf.gather(self._begins_word, tokens.ids.flat_values)
        ends = tf.concat([begins[1:], tf.ones_like(begins[:1])], axis=0)
        # Start and end of each word of the batch in bytes, int64 [words].
        first = tf.boolean_mask(tokens.starts.flat_values, begins)
        after = tf.boolean_mask(tokens.ends.flat_values, ends)
        return tf.cond(
            tf.reduce_any(after - first > self._limit),
            lambda: self._replace_long_words(texts, tokens, begins, after),
            lambda: tuple(tokens),
        )

    def _replace_long_words(self, texts, tokens: Tokens, begins, after):
        ids, starts, ends = (part.flat_values for part in tokens)  # [tokens]
        word = tf.cumsum(tf.cast(begins, tf.int32)) - 1  # of each token
        word_end = tf.gather(after, word)  # [tokens]
        through = characters_through(
            texts, tokens.ends.with_flat_values(word_end - 1)
        )
        before = characters_through(texts, tokens.starts)
        # From a token to the end of its word, so only the count of a word's
        # first token is the length of the word.
        count = through.flat_values - before.flat_values + 1
        length = tf.gather(tf.boolean_mask(count, begins), word)  # [tokens]
        long = length > self._limit
        keep = begins | ~long
        flat = (
            tf.where(long, self._unk_id, ids),
            starts,
            tf.where(long, word_end, ends),
        )
        kept = tf.cumsum(tf.cast(keep, tf.int64))
        kept = tf.concat([tf.zeros([1], tf.int64), kept], axis=0)
        return tuple(
            Tokens.from_flat(
                [tf.boolean_mask(part, keep) for part in flat],
                tf.gather(kept, tokens.ids.row_splits),  # [batch + 1]
            )
        )
