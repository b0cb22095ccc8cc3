"""Original BERT's rules, character by character, as tables.

google-research/bert decodes a string, cleans it, lowers it, strips accents
and splits at white space, punctuation and ideographs. Each of these steps
looks at one character alone (but for two rules, see `context.py`), so that a
step is a table: the UTF-8 bytes of a character -> what replaces them.

The tables are read off Python's own `str.lower` and `unicodedata`, as
original BERT does at run time, so they follow its Unicode version.
"""

import functools
import unicodedata

from bert_keras.config import TokenizerConfig

CharacterTable = dict[bytes, bytes]

# Everything above is unassigned, a tag, a variation selector (plane 14) or for
# private use, and only the tags and selectors have a rule.
_CODE_POINTS = (
    range(0x0000, 0xD800),
    range(0xE000, 0x40000),
    range(0xE0000, 0xE1000),
)


def is_removed(character: str) -> bool:
    """Tells whether cleaning drops the character: control, format, U+FFFD."""
    if character in "\t\n\r":
        return False
    control = unicodedata.category(character) in ("Cc", "Cf")
    return control or character == "\ufffd"


def is_space(character: str) -> bool:
    """Tells whether words end at the character.

    Cleaning turns the space separators (category Zs) into spaces; the split
    which follows, Python's `str.split`, also ends a word at U+2028 and U+2029.
    """
    return character.isspace() and not is_removed(character)


def is_punctuation(character: str) -> bool:
    """Tells whether the character is a word of its own by being punctuation.

    Every ASCII symbol counts, even those Unicode calls symbols, as `$`.
    """
    if character.isascii():
        return character.isprintable() and not (
            character.isalnum() or character == " "
        )
    return unicodedata.category(character).startswith("P")


def decoding_table() -> CharacterTable:
    """Drops what is not UTF-8, as `bytes.decode("utf-8", "ignore")` does.

    The keys are the longest beginnings of a character that can stand in a
    string without being completed, and each byte which begins none.
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
    # The Unicode Standard, table 3-7: overlong forms, surrogates and numbers
    # over U+10FFFF are cut off at the second byte.
    low = {0xE0: 0xA0, 0xF0: 0x90}.get(first, 0x80)
    high = {0xED: 0x9F, 0xF4: 0x8F}.get(first, 0xBF)
    return range(low, high + 1)


@functools.cache
def assigned_characters() -> tuple[str, ...]:
    """Returns the characters that can have a rule, in order."""
    characters = (chr(code) for part in _CODE_POINTS for code in part)
    return tuple(c for c in characters if unicodedata.category(c) != "Cn")


def cleaning_table() -> CharacterTable:
    """Drops control characters and makes every white space a space."""
    table = {}
    for character in assigned_characters():
        if is_removed(character):
            table[character.encode()] = b""
        elif is_space(character) and character != " ":
            table[character.encode()] = b" "
    return table


def folding_table(config: TokenizerConfig) -> CharacterTable:
    """Lowers, strips accents and sets punctuation off with spaces.

    Punctuation in ASCII, and ideographs, get no spaces where the WordPiece
    operation splits at them by itself, which is when `tokenize_chinese_chars`
    is set: most text then passes through unchanged, which is faster.
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
