"""Raw text to normalized text, which WordPiece then splits into tokens."""

from typing import NamedTuple

import tensorflow as tf

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing.character_map import CharacterMap
from bert_keras.preprocessing.characters import (
    cleaning_table,
    decoding_table,
    folding_table,
)
from bert_keras.preprocessing.context import ContextRules
from bert_keras.preprocessing.offsets import characters_through, lookup
from bert_keras.preprocessing.special_tokens import SpecialTokens


class Normalized(NamedTuple):
    """Normalized texts, and which characters they came from.

    Attributes:
        texts: The normalized texts, string [batch].
        decoded: The original texts as valid UTF-8, string [batch].
        fold: From each byte of `texts` to a byte of the cleaned text, int64
            [batch, (bytes + 1)].
        clean: From each byte of the cleaned text to a byte of `decoded`,
            int64 [batch, (bytes + 1)].
    """

    texts: tf.Tensor
    decoded: tf.Tensor
    fold: tf.RaggedTensor
    clean: tf.RaggedTensor

    def spans(
        self, starts: tf.RaggedTensor, ends: tf.RaggedTensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Maps spans of bytes in `texts` to spans of characters in `decoded`.

        A span covers every character that it came from: a stripped accent
        belongs to the letter before it, a removed control character to none.

        Args:
            starts: First bytes of non-empty spans, int64 [batch, (spans)].
            ends: The bytes after the last, int64 [batch, (spans)].

        Returns:
            First characters and the characters after the last, int32
            [batch, (spans)].
        """
        first = lookup(self.clean, lookup(self.fold, starts))
        # The span ends where the source of the next byte begins; but the
        # space after a punctuation mark, or the next part of a decomposed
        # Hangul syllable, came from the character that the span ends in.
        reach = lookup(self.fold, ends)
        inside = lookup(self.fold, ends.with_flat_values(ends.flat_values - 1))
        last = tf.maximum(reach.flat_values - 1, inside.flat_values)
        last = lookup(self.clean, ends.with_flat_values(last))
        start = characters_through(self.decoded, first)
        end = characters_through(self.decoded, last)
        start = start.with_flat_values(start.flat_values - 1)
        return tf.cast(start, tf.int32), tf.cast(end, tf.int32)


class Normalizer(tf.Module):
    """Applies BERT's rules up to the split into words.

    Args:
        config: Which rules apply.
        special_tokens: Those that keep their meaning in a text, if any.
    """

    def __init__(
        self, config: TokenizerConfig, special_tokens: SpecialTokens | None
    ):
        super().__init__()
        decoding = decoding_table()
        cleaning = cleaning_table()
        folding = folding_table(config)
        if special_tokens:
            cleaning = special_tokens.let_through(cleaning)
            folding = special_tokens.set_apart(folding)
        self._special_tokens = special_tokens
        self._context = ContextRules(config)
        self._decode = CharacterMap(decoding)
        self._clean = CharacterMap(cleaning)
        self._fold = CharacterMap(folding)
        # All three steps in one pass, for texts to which no context rule
        # applies. Where several tables have a character, the earliest step
        # decides.
        self._all = CharacterMap(folding | cleaning | decoding)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Normalizes texts, string [batch]."""
        if self._special_tokens:
            texts = self._special_tokens.hide(self._decode(texts))
        return tf.cond(
            self._context.may_apply(texts),
            lambda: self._fold(self._context(self._clean(self._decode(texts)))),
            lambda: self._all(texts),
        )

    def with_sources(self, texts: tf.Tensor) -> Normalized:
        """Normalizes texts, string [batch], and keeps track of offsets."""
        decoded = self._decode(texts)
        hidden = decoded
        if self._special_tokens:
            hidden = self._special_tokens.hide(decoded)
        cleaned, clean = self._clean.with_sources(hidden)
        cleaned = tf.cond(
            self._context.may_apply(cleaned),
            lambda: self._context(cleaned),
            lambda: cleaned,
        )
        folded, fold = self._fold.with_sources(cleaned)
        return Normalized(folded, decoded, fold, clean)
