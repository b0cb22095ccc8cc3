"""The two of BERT's rules that look at a character's neighbours.

Both are rare, and both keep the number of bytes in a string, so positions
hold. They read cleaned text, because control characters are no neighbours.

Final sigma: `str.lower` makes `Σ` a `ς` at the end of a word and `σ` elsewhere.
The end of a word is meant as Unicode means it: a letter before, no letter
after, and marks or apostrophes in between do not count.

Order of marks: NFD sorts the combining marks behind a letter by their class.
Stripping accents leaves only the spacing marks (category Mc), some of which
have a class as well, and those must be put in order.
"""

import functools
import itertools
import unicodedata

import tensorflow as tf

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing.characters import assigned_characters
from bert_keras.preprocessing.offsets import all_ascii


class ContextRules(tf.Module):
    """Applies final sigma and the order of marks, as far as `config` asks."""

    def __init__(self, config: TokenizerConfig):
        super().__init__()
        self._sigma = config.do_lower_case
        self._marks = config.strips_accents

    def may_apply(self, texts: tf.Tensor) -> tf.Tensor:
        """Tells, fast, whether any string may need `__call__`, bool []."""
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
        """Returns cleaned texts with both rules applied, string [batch]."""
        if self._sigma:
            texts = tf.strings.regex_replace(texts, _final_sigma(), r"\1ς\2")
        if self._marks:
            texts = _sort_marks(texts)
        return texts


def _any_changed(before: tf.Tensor, after: tf.Tensor) -> tf.Tensor:
    return tf.reduce_any(tf.not_equal(before, after))


@functools.cache
def _final_sigma() -> str:
    """Returns a pattern whose groups stand around each final sigma.

    Whether Python calls a character cased or ignorable is seen from what it
    does to a sigma beside it.
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
    """Returns sorted characters as ranges inside a character class."""
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
    """Returns what NFD sorts and stripping accents keeps, by its class."""
    marks: dict[int, list[str]] = {}
    for character in assigned_characters():
        order = unicodedata.combining(character)
        if order and unicodedata.category(character) != "Mn":
            marks.setdefault(order, []).append(character)
    return dict(sorted(marks.items()))


def _sorted_marks() -> list[str]:
    return sorted(itertools.chain(*_marks_by_class().values()))


def _sort_marks(texts: tf.Tensor) -> tf.Tensor:
    """Swaps marks that stand in the wrong order until none does."""
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
