"""Special tokens that stand in a text, such as "[MASK]", kept whole.

BERT's rules would split "[MASK]" at its brackets. So before they apply, each
special token gives way to a stand-in of as many bytes, made of control
characters: a text cannot bring its own, since cleaning removes them there.
The rules let stand-ins through as words, and the WordPiece vocabulary spells
the special piece as its stand-in.
"""

import re

import tensorflow as tf

from bert_keras.preprocessing.characters import CharacterTable

# Begins one stand-in each.
_FIRST = "\x01\x02\x03\x04\x05"
_FILLER = "\x06"
_LAST = "\x07"
_STAND_INS = _FIRST + _FILLER + _LAST
# Takes the place of a control character above that a text brings; cleaning
# removes it like those.
_REMOVED = "\x08"


class SpecialTokens:
    """Swaps special tokens for stand-ins.

    Args:
        tokens: At most five, for example `TokenizerConfig.special_tokens`.
    """

    def __init__(self, tokens: tuple[str, ...]):
        self._stand_ins = {
            token: _stand_in(first, len(token.encode()))
            for first, token in zip(_FIRST, tokens, strict=False)
        }

    def hide(self, texts: tf.Tensor) -> tf.Tensor:
        """Returns texts, string [batch], with stand-ins, byte for byte."""
        own = f"[{_STAND_INS}]"
        texts = tf.strings.regex_replace(texts, own, _REMOVED)
        # Longer ones first, should one begin as another does.
        for token in sorted(self._stand_ins, key=len, reverse=True):
            texts = tf.strings.regex_replace(
                texts, re.escape(token), self._stand_ins[token]
            )
        return texts

    def spelled(self, pieces: tuple[str, ...]) -> tuple[str, ...]:
        """Returns a vocabulary in which special pieces are stand-ins."""
        return tuple(self._stand_ins.get(piece, piece) for piece in pieces)

    def let_through(self, table: CharacterTable) -> CharacterTable:
        """Returns a table of rules that keeps the characters of stand-ins."""
        return {
            character: replacement
            for character, replacement in table.items()
            if character.decode(errors="ignore") not in tuple(_STAND_INS)
        }

    def set_apart(self, table: CharacterTable) -> CharacterTable:
        """Returns a table of rules that makes each stand-in a word."""
        spaces = {_LAST: f"{_LAST} "}
        for stand_in in self._stand_ins.values():
            alone = len(stand_in) == 1
            spaces[stand_in[0]] = f" {stand_in[0]}" + (" " if alone else "")
        return self.let_through(table) | {
            character.encode(): replacement.encode()
            for character, replacement in spaces.items()
        }


def _stand_in(first: str, size: int) -> str:
    if size == 1:
        return first
    return first + _FILLER * (size - 2) + _LAST
