"""Texts with entities: what `read_tagged` returns."""

import dataclasses
import difflib
import unicodedata
from collections.abc import Sequence

import numpy as np

from bert_keras.data.errors import BadRows, DataError, quoted
from bert_keras.data.tags import Span

# Scripts that are written without spaces between words.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "IDEOGRAPHIC")
# If this share of the words in a file of such a script has one character, the
# file is split into characters, including Latin names and numbers.
_BY_CHARACTER = 0.9


@dataclasses.dataclass(frozen=True)
class TaggedExamples:
    """Texts and the entities in them, held in memory.

    Attributes:
        texts: The text of each example.
        entities: Spans of characters of each text, in order and without
            overlap: `text[start:end]` is the entity. `None` if the examples
            are unlabelled.
        predicates: Index in `text.split()` of the predicate whose arguments
            the entities are; `None` if there are no predicates.
        word_starts: Where the words of each text begin if it was given as
            words, see `word_starts`, otherwise `None`; `None` for no text.
        source: File name, or a description such as `a list`.
        lines: The 1-based line of the file on which each example starts;
            `None` if the source is not a file.
        left_out: Number of bad examples that were left out.
        repaired: Number of bad examples that were repaired.
        weights: Sample weight of each example, float32 [examples]; `None` if
            there are none.
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
        """Returns where example `index` (0-based) is, for a message."""
        if self.lines is None:
            return f"{self.source}, index {index}"
        return f"{self.source}:{self.lines[index]}"

    def require_entities(self) -> list[list[Span]]:
        """Returns the entities of each text.

        Raises:
            DataError: If the examples are unlabelled.
        """
        if self.entities is None:
            raise DataError(
                f"{self.source}: Expected labelled examples. Received texts "
                "without entities. Give tags or spans with them, as in "
                "`bert_keras.data.read_tagged`."
            )
        return self.entities


def join_words(
    words: Sequence[str], *, by_character: bool = False
) -> tuple[str, list[tuple[int, int]]]:
    """Joins words to a text as users would write it.

    Words are separated by one space, except between two characters of a
    script without spaces. So texts look alike in training and prediction.

    | words | text |
    |---|---|
    | `It` `'s` `fine` | `It 's fine` |
    | `我` `爱` `北` `京` | `我爱北京` |
    | `用` `Python` `写` | `用 Python 写` |
    | `用` `P` `C` `写`, `by_character` | `用PC写` |

    Args:
        words: The words of one text.
        by_character: Whether words are single characters, never separated by
            spaces.

    Returns:
        The text, and the start and end of each word in characters.

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
    words: Sequence[str], spans: Sequence[tuple[int, int]]
) -> list[int]:
    """Returns the characters at which words begin.

    In scripts without spaces every character begins a word: word segmentation
    is a convention of each corpus.

    Args:
        words: The words of one text.
        spans: Their spans, from `join_words`.

    Example:
        >>> words = ["don't", "用", "北京"]
        >>> word_starts(words, join_words(words)[1])
        [0, 6, 7, 8]
    """
    return [
        start + at
        for word, (start, _) in zip(words, spans, strict=True)
        for at, character in enumerate(word)
        if at == 0 or _unspaced(character)
    ]


def are_characters(sentences: Sequence[Sequence[str]]) -> bool:
    """Whether words are single characters of a script without spaces.

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
    # These scripts use full-width punctuation.
    return name.startswith((*_UNSPACED, "FULLWIDTH"))


def check_entity_labels(
    examples: TaggedExamples, labels: Sequence[str]
) -> None:
    """Raises if entities have labels other than these.

    Raises:
        DataError: If there are others, some of which the message lists; or if
            the examples are unlabelled.
    """
    bad = BadRows()
    for index, entities in enumerate(examples.require_entities()):
        for entity in entities:
            if entity.label not in labels:
                close = difflib.get_close_matches(entity.label, labels, n=1)
                hint = f" (close: {close[0]!r})" if close else ""
                bad.add(
                    examples.where(index),
                    f"unknown label {entity.label!r}{hint}",
                )
    bad.raise_if_any(
        expected=f"entities labelled {quoted(labels)}",
        remedy="Correct these labels, or add texts with them to the training "
        "data: a model cannot predict a label it was not trained on.",
    )
