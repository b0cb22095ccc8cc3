"""Original BERT's rules for single characters, as tables.

google-research/bert decodes a string, cleans it, lowercases it, strips accents
and splits at white space, punctuation and ideographs. Each of these steps
looks at one character at a time (except for two rules, see `context.py`), so a
step is a table: the UTF-8 bytes of a character -> what replaces them.

The tables are computed with Python's own `str.lower` and `unicodedata`, which
original BERT calls at run time, so they follow Python's Unicode version.
"""

import functools
import unicodedata

from bert_keras.config import TokenizerConfig

CharacterTable = dict[bytes, bytes]

# The code points above U+3FFFF are unassigned, tags or variation selectors
# (plane 14), or private use; only the tags and selectors have a rule.
_CODE_POINTS = (
    range(0x0000, 0xD800),
    range(0xE000, 0x40000),
    range(0xE0000, 0xE1000),
)


def is_removed(character: str) -> bool:
    """Returns whether cleaning removes the character.

    These are the categories control (Cc) and format (Cf), and U+FFFD. Private
    use (Co) is kept, as in original BERT: such a word is an unknown token.
    """
    if character in "\t\n\r":
        return False
    control = unicodedata.category(character) in ("Cc", "Cf")
    return control or character == "\ufffd"


def is_space(character: str) -> bool:
    """Returns whether the character separates words.

    Cleaning replaces the space separators (category Zs) by spaces; the split
    that follows, Python's `str.split`, also splits at U+2028 and U+2029.
    """
    return character.isspace() and not is_removed(character)


def is_punctuation(character: str) -> bool:
    """Returns whether the character is punctuation, a word of its own.

    All ASCII symbols count, even those that Unicode does not, such as `$`.
    """
    if character.isascii():
        return character.isprintable() and not (
            character.isalnum() or character == " "
        )
    return unicodedata.category(character).startswith("P")


def decoding_table() -> CharacterTable:
    """Removes what is not UTF-8, as `bytes.decode("utf-8", "ignore")` does.

    The keys are the incomplete beginnings of a character, and each byte that
    cannot begin one.
    """
    table = {bytes([byte]): b"" for byte in range(0x80, 0x100)}
    for first in range(0xE0, 0xF5):
        for second in _second_bytes(first):
            table[bytes([first, second])] = b""
            if first >= 0xF0:
                for third in range(0x80, 0xC0):
                    table[bytes([first, second, third])] = b""
    return table


def _second_bytes(first: int) -> range:
    # The Unicode Standard, table 3-7: overlong forms, surrogates and code
    # points above U+10FFFF are recognized by the second byte.
    low = {0xE0: 0xA0, 0xF0: 0x90}.get(first, 0x80)
    high = {0xED: 0x9F, 0xF4: 0x8F}.get(first, 0xBF)
    return range(low, high + 1)


@functools.cache
def assigned_characters() -> tuple[str, ...]:
    """Returns the characters that can have a rule, in order."""
    characters = (chr(code) for part in _CODE_POINTS for code in part)
    return tuple(c for c in characters if unicodedata.category(c) != "Cn")


def cleaning_table() -> CharacterTable:
    """Removes control characters and makes all white space a space."""
    table = {}
    for character in assigned_characters():
        if is_removed(character):
            table[character.encode()] = b""
        elif is_space(character) and character != " ":
            table[character.encode()] = b" "
    return table


def folding_table(config: TokenizerConfig) -> CharacterTable:
    """Lowercases, strips accents and puts spaces around punctuation.

    With `tokenize_chinese_chars`, the WordPiece operation itself splits at
    ideographs and ASCII punctuation, so they get no spaces here: most text is
    then left unchanged, which is faster.

    Args:
        config: Which rules apply.
    """
    lower, strip = config.do_lower_case, config.strips_accents
    spaces_ascii = not config.tokenize_chinese_chars
    return dict(_folded(lower, strip, spaces_ascii))


@functools.cache
def _folded(lower: bool, strip: bool, spaces_ascii: bool) -> CharacterTable:
    table = {}
    for character in assigned_characters():
        folded = _fold(character, lower, strip)
        folded = "".join(
            f" {part} " if _needs_spaces(part, spaces_ascii) else part
            for part in folded
        )
        if folded != character:
            table[character.encode()] = folded.encode()
    return table


def _fold(character: str, lower: bool, strip: bool) -> str:
    if lower:
        character = character.lower()
    if strip:
        character = "".join(
            part
            for part in unicodedata.normalize("NFD", character)
            if unicodedata.category(part) != "Mn"
        )
    return character


def _needs_spaces(character: str, spaces_ascii: bool) -> bool:
    if character.isascii() and not spaces_ascii:
        return False
    return is_punctuation(character)
