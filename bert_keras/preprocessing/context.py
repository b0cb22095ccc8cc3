"""The two rules of BERT that depend on a character's neighbours.

Both are rare, and neither changes the number of bytes in a string, so offsets
stay valid. They are applied to cleaned text, since control characters do not
count as neighbours.

Final sigma: `str.lower` turns `Σ` into `ς` at the end of a word and into `σ`
elsewhere. A word ends where Unicode says so: there is a letter before and no
letter after, ignoring marks and apostrophes in between.

Order of marks: NFD sorts the combining marks of a letter by their class.
Stripping accents keeps only the spacing marks (category Mc). Some of these
have a class too, and must be sorted.
"""

import functools
import itertools
import unicodedata

import tensorflow as tf

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing.characters import assigned_characters
from bert_keras.preprocessing.offsets import all_ascii


class ContextRules(tf.Module):
    """Applies final sigma and the order of marks, as `config` requires.

    Args:
        config: Whether text is lowercased, and whether accents are stripped.
    """

    def __init__(self, config: TokenizerConfig):
        super().__init__()
        self._sigma = config.do_lower_case
        self._marks = config.strips_accents

    def may_apply(self, texts: tf.Tensor) -> tf.Tensor:
        """Returns quickly whether any string may need `__call__`, bool []."""
        characters = "Σ" if self._sigma else ""
        if self._marks:
            characters += _as_class(_sorted_marks())
        if not characters:
            return tf.constant(False)
        return tf.cond(
            all_ascii(texts),
            lambda: tf.constant(False),
            lambda: _any_changed(
                texts, tf.strings.regex_replace(texts, f"[{characters}]", "")
            ),
        )

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Applies both rules to cleaned texts, string [batch]."""
        if self._sigma:
            texts = tf.strings.regex_replace(texts, _final_sigma(), r"\1ς\2")
        if self._marks:
            texts = _sort_marks(texts)
        return texts


def _any_changed(before: tf.Tensor, after: tf.Tensor) -> tf.Tensor:
    return tf.reduce_any(tf.not_equal(before, after))


@functools.cache
def _final_sigma() -> str:
    """Returns a pattern for a final sigma, with groups before and after it.

    Whether a character is cased or ignorable to Python is found by its effect
    on a sigma next to it.
    """
    letters, ignorable = [], []
    for character in assigned_characters():
        if f"{character}Σ".lower().endswith("ς"):
            letters.append(character)
        elif f"a{character}Σ".lower().endswith("ς"):
            ignorable.append(character)
    letter, skip = _as_class(letters), _as_class(ignorable)
    return f"([{letter}][{skip}]*)Σ([{skip}]*(?:[^{letter}{skip}]|$))"


def _as_class(characters: list[str]) -> str:
    """Returns sorted characters as the inside of a character class."""
    ranges: list[list[int]] = []
    for code in map(ord, characters):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(
        rf"\x{{{first:x}}}-\x{{{last:x}}}"
        if first < last
        else rf"\x{{{first:x}}}"
        for first, last in ranges
    )


@functools.cache
def _marks_by_class() -> dict[int, list[str]]:
    """Returns the marks that NFD sorts and that are kept, by class."""
    marks: dict[int, list[str]] = {}
    for character in assigned_characters():
        order = unicodedata.combining(character)
        if order and unicodedata.category(character) != "Mn":
            marks.setdefault(order, []).append(character)
    return dict(sorted(marks.items()))


def _sorted_marks() -> list[str]:
    return sorted(itertools.chain(*_marks_by_class().values()))


def _sort_marks(texts: tf.Tensor) -> tf.Tensor:
    """Swaps marks that are in the wrong order until none is."""
    classes = list(_marks_by_class().values())
    patterns = []
    for split in range(1, len(classes)):
        low = _as_class(sorted(itertools.chain(*classes[:split])))
        high = _as_class(sorted(itertools.chain(*classes[split:])))
        patterns.append(rf"([{high}])(\p{{Mn}}*)([{low}])")

    def swap(texts, _):
        before = texts
        for pattern in patterns:
            texts = tf.strings.regex_replace(texts, pattern, r"\3\2\1")
        return texts, _any_changed(before, texts)

    texts, _ = tf.while_loop(
        lambda _, changed: changed, swap, (texts, tf.constant(True))
    )
    return texts
