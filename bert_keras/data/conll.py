"""CoNLL: a word and its tag per line, blank lines between sentences.

The     O
Hague   B-LOC

Next    O
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bert_keras.data.columns import LABEL_NAMES, TEXT_NAMES
from bert_keras.data.errors import DataError

_DOCUMENT = "-DOCSTART-"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]+)?:")


class TaggedWords(NamedTuple):
    """A sentence as the source spells it.

    Attributes:
        line: Line on which it starts, from 1; or its position, from 0.
        words: Its words.
        tags: Their tags; empty if they have none.
        fault: Why it cannot be read; empty if it can.
        predicate: Index of the word that the tags are about, if any.
        text: The text that consists of these words, if the source has it.
        weight: Sample weight as given by the source, if any.
    """

    line: int
    words: list[str]
    tags: list[str]
    fault: str = ""
    predicate: int | None = None
    text: str | None = None
    weight: float | None = None


def conll_sentences(
    lines: Iterable[str],
    source: str,
    *,
    word: int = 0,
    tag: int = -1,
) -> list[TaggedWords]:
    """Reads sentences of words and tags.

    Columns are separated by tabs, or by any white space on a line without a
    tab. Lines that begin with `-DOCSTART-` are skipped. The language prefix of
    WikiANN, as in `en:Paris`, is removed if all words have it.

    Args:
        lines: Lines of text.
        source: Name of the file in messages.
        word: Column of the word, from 0; -1 is the last.
        tag: Column of the tag.

    Raises:
        DataError: If the file has no such column, or is a table of texts and
            labels.

    Example:
        >>> lines = ["Paris\\tB-LOC\\n", "!\\tO\\n", "\\n", "yes\\tO\\n"]
        >>> [s.words for s in conll_sentences(lines, "a.conll")]
        [['Paris', '!'], ['yes']]
    """
    rows = [
        (number, _cells(line))
        for number, line in enumerate(lines, start=1)
        if not line.startswith(_DOCUMENT)
    ]
    if _holds_texts([cells for _, cells in rows if cells], word):
        raise DataError(
            f"{source}: Expected a word and its tag on each line and a blank "
            "line between texts, or JSON lines in a .jsonl file. Received "
            "what looks like a table of texts and labels. To label whole "
            "texts, did you mean `bert-keras train classifier`?"
        )
    width = next((len(cells) for _, cells in rows if cells), 0)
    needed = max(
        column + 1 if column >= 0 else -column for column in (word, tag)
    )
    if width < max(2, needed):
        raise DataError(
            f"{source}: Expected a word and its tag on each line, in columns "
            f"{word} and {tag} (from 0; -1 is the last). Received {width} "
            "columns. Choose them by number with --text-column and "
            "--label-column, or rename a file of JSON lines to .jsonl."
        )
    sentences = [_sentence(group, width, word, tag) for group in _groups(rows)]
    return _without_language(sentences)


def _holds_texts(rows: list[list[str]], word: int) -> bool:
    """Whether these are the rows of a table of whole texts.

    Such a table has a header, or cells with several words. A few words of a
    corpus contain spaces too, such as numbers in French.
    """
    if not rows:
        return False
    header = {
        name.strip().strip('"').casefold()
        for cell in rows[0]
        for name in cell.split(",")
    }
    if header & set(TEXT_NAMES) and header & set(LABEL_NAMES):
        return True
    words = [cells[word] for cells in rows if -len(cells) <= word < len(cells)]
    return 2 * sum(len(cell.split()) > 1 for cell in words) > len(words)


def _cells(line: str) -> list[str]:
    if not line.strip():
        return []
    if "\t" in line:
        return line.strip("\r\n").split("\t")
    return line.split()


def _groups(rows: list) -> Iterator[list]:
    group = []
    for number, cells in rows:
        if cells:
            group.append((number, cells))
        elif group:
            yield group
            group = []
    if group:
        yield group


def _sentence(group: list, width: int, word: int, tag: int) -> TaggedWords:
    first = group[0][0]
    for number, cells in group:
        fault = ""
        if len(cells) != width:
            fault = f"{len(cells)} columns, but {width} in the first line"
        elif not cells[word].strip() or not cells[tag].strip():
            fault = "an empty word or tag"
        if fault:
            return TaggedWords(number, [], [], fault)
    return TaggedWords(
        first,
        [cells[word].strip() for _, cells in group],
        [cells[tag].strip() for _, cells in group],
    )


def _without_language(sentences: list[TaggedWords]) -> list[TaggedWords]:
    found = {
        match[0] if (match := _LANGUAGE.match(word)) else ""
        for sentence in sentences
        for word in sentence.words
    }
    if len(found) != 1 or found == {""}:
        return sentences
    (language,) = found
    return [
        s._replace(words=[w.removeprefix(language) or w for w in s.words])
        for s in sentences
    ]
