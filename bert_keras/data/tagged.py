"""Texts with entities: what every reader of tagging data returns."""

import dataclasses
import difflib
import unicodedata
from collections.abc import Sequence

import numpy as np

from bert_keras.data.errors import Problems, quoted
from bert_keras.data.tags import Span

# Scripts that are written without spaces between words.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "IDEOGRAPHIC")
# A file of such a script with this share of words of one character has its
# words cut into characters, names in Latin letters and numbers as well.
_BY_CHARACTER = 0.9


@dataclasses.dataclass(frozen=True)
class TaggedExamples:
    """Texts and the entities in them, held in memory.

    Attributes:
        texts: One text for each example.
        entities: Spans of characters of each text, in order, none touching
            another's characters: `text[start:end]` is the entity. `None` if
            the examples are unlabelled.
        predicates: Which word, from 0, of `text.split()` the entities are
            arguments of; `None` if they are of no word.
        word_starts: Of texts that came as words, see `word_starts`; `None`
            for the others, or for all.
        source: File name, or a description such as `a list`.
        lines: The 1-based line of the file on which each example starts;
            `None` if the source is no file.
        left_out: Examples that were bad, and left out as asked.
        repaired: Examples that were bad, and repaired as asked.
        weights: How much each example counts in the loss, float32 [examples];
            `None` if all count alike.
    """

    texts: list[str]
    entities: list[list[Span]] | None = None
    predicates: list[int] | None = None
    word_starts: list[list[int] | None] | None = None
    source: str = "a list"
    lines: list[int] | None = None
    left_out: int = 0
    repaired: int = 0
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def where(self, index: int) -> str:
        """Returns the place of example `index` (0-based) for a message."""
        if self.lines is None:
            return f"{self.source}, index {index}"
        return f"{self.source}:{self.lines[index]}"


def join_words(
    words: Sequence[str], *, by_character: bool = False
) -> tuple[str, list[tuple[int, int]]]:
    """Joins words to the text that a user has.

    One space stands between words, but none between two characters of a
    script that has none. So training sees texts as they are asked later.

    | words | text |
    |---|---|
    | `It` `'s` `fine` | `It 's fine` |
    | `我` `爱` `北` `京` | `我爱北京` |
    | `用` `Python` `写` | `用 Python 写` |
    | `用` `P` `C` `写`, `by_character` | `用PC写` |

    Args:
        words: Of one text.
        by_character: Whether words are characters, with no space anywhere.

    Returns:
        The text, and start and end of each word in characters.

    Example:
        >>> join_words(["New", "York", "!"])
        ('New York !', [(0, 3), (4, 8), (9, 10)])
    """
    parts, spans, at = [], [], 0
    for before, word in zip([None, *words], words, strict=False):
        if before is not None and not by_character and _spaced(before, word):
            parts.append(" ")
            at += 1
        parts.append(word)
        spans.append((at, at + len(word)))
        at += len(word)
    return "".join(parts), spans


def word_starts(
    words: Sequence[str], places: Sequence[tuple[int, int]]
) -> list[int]:
    """Returns the characters at which words begin.

    In scripts without spaces each character does: how many make a word is
    one author's choice.

    Args:
        words: Of one text.
        places: From `join_words`.

    Example:
        >>> words = ["don't", "用", "北京"]
        >>> word_starts(words, join_words(words)[1])
        [0, 6, 7, 8]
    """
    return [
        start + at
        for word, (start, _) in zip(words, places, strict=True)
        for at, character in enumerate(word)
        if at == 0 or _unspaced(character)
    ]


def are_characters(sentences: Sequence[Sequence[str]]) -> bool:
    """Whether words are the characters of a script without spaces.

    Example:
        >>> are_characters([["我", "爱", "P", "C"]]), are_characters([["I"]])
        (True, False)
    """
    words = [word for sentence in sentences for word in sentence]
    single = sum(len(word) == 1 for word in words)
    return single > _BY_CHARACTER * len(words) and any(map(_unspaced, words))


def _spaced(left: str, right: str) -> bool:
    return not (_unspaced(left[-1:]) and _unspaced(right[:1]))


def _unspaced(text: str) -> bool:
    name = unicodedata.name(text[:1] or "a", "")
    # Full-width forms are the punctuation of these scripts.
    return name.startswith((*_UNSPACED, "FULLWIDTH"))


def check_entity_labels(
    examples: TaggedExamples, labels: Sequence[str]
) -> None:
    """Raises unless entities have no other labels than these.

    Raises:
        DataError: If there are others; the message names some of them.
    """
    problems = Problems()
    for index, entities in enumerate(examples.entities):
        for entity in entities:
            if entity.label not in labels:
                close = difflib.get_close_matches(entity.label, labels, n=1)
                hint = f" (close: {close[0]!r})" if close else ""
                problems.add(
                    examples.where(index),
                    f"unknown label {entity.label!r}{hint}",
                )
    problems.raise_if_any(
        expected=f"entities labelled {quoted(labels)}",
        remedy="Correct these labels, or add texts with them to the training "
        "data: a model cannot find what it has not seen.",
    )
