"""Special tokens that occur in a text, such as "[MASK]", are kept whole.

BERT's rules would split "[MASK]" at its brackets. So before they are applied,
each special token is replaced by a placeholder of as many bytes, made of
control characters. A text cannot contain a placeholder of its own, because
control characters are removed from it. The rules treat placeholders as words,
and in the WordPiece vocabulary a special token is spelled as its placeholder.
"""

import re

import tensorflow as tf

from bert_keras.preprocessing.characters import CharacterTable

# The first character of each placeholder.
_FIRST = "\x01\x02\x03\x04\x05"
_FILLER = "\x06"
_LAST = "\x07"
_CHARACTERS = _FIRST + _FILLER + _LAST
# Replaces the control characters above where a text contains them; cleaning
# removes it, as it would have removed them.
_REMOVED = "\x08"


class SpecialTokens:
    """Replaces special tokens by placeholders.

    Args:
        tokens: Up to five, for example `TokenizerConfig.special_tokens`.
    """

    def __init__(self, tokens: tuple[str, ...]):
        self._placeholders = {
            token: _placeholder(first, len(token.encode()))
            for first, token in zip(_FIRST, tokens, strict=False)
        }

    def hide(self, texts: tf.Tensor) -> tf.Tensor:
        """Replaces special tokens by placeholders of the same number of bytes.

        Args:
            texts: Strings [batch].

        Returns:
            Strings [batch].
        """
        texts = tf.strings.regex_replace(texts, f"[{_CHARACTERS}]", _REMOVED)
        # Longer ones first, in case one is a prefix of another.
        for token in sorted(self._placeholders, key=len, reverse=True):
            texts = tf.strings.regex_replace(
                texts, re.escape(token), self._placeholders[token]
            )
        return texts

    def spelled(self, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """Returns a vocabulary with placeholders for its special tokens."""
        return tuple(self._placeholders.get(token, token) for token in tokens)

    def let_through(self, table: CharacterTable) -> CharacterTable:
        """Returns the table without rules for placeholder characters."""
        return {
            character: replacement
            for character, replacement in table.items()
            if character.decode(errors="ignore") not in tuple(_CHARACTERS)
        }

    def set_apart(self, table: CharacterTable) -> CharacterTable:
        """Returns the table with rules that make each placeholder a word."""
        spaces = {_LAST: f"{_LAST} "}
        for placeholder in self._placeholders.values():
            first, after = placeholder[0], " " if len(placeholder) == 1 else ""
            spaces[first] = f" {first}{after}"
        return self.let_through(table) | {
            character.encode(): replacement.encode()
            for character, replacement in spaces.items()
        }


def _placeholder(first: str, size: int) -> str:
    if size == 1:
        return first
    return first + _FILLER * (size - 2) + _LAST
