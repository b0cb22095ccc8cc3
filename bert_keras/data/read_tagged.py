"""One function that reads texts with entities from anything.

words and tags -> text and spans of characters <- text and spans
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bert_keras.data.conll import TaggedWords, conll_sentences
from bert_keras.data.errors import DataError, Problems
from bert_keras.data.files import find_file, read_lines
from bert_keras.data.read import file_format
from bert_keras.data.tagged import (
    TaggedExamples,
    are_characters,
    join_words,
    word_starts,
)
from bert_keras.data.tagged_rows import TaggedText, jsonl_rows, memory_rows
from bert_keras.data.tags import Span, detect_scheme, tag_spans

logger = logging.getLogger(__name__)

BAD_ROWS = ("refuse", "skip", "repair")


class _Read(NamedTuple):
    """An example, and what is wrong with it."""

    line: int
    text: str = ""
    entities: Sequence[Span] = ()
    predicate: int | None = None
    word_starts: list[int] | None = None
    faults: Sequence[str] = ()
    usable: bool = True  # once repaired


def read_tagged(
    source,
    *,
    text: str | None = None,
    label: str | None = None,
    labelled: bool = True,
    bad_rows: str = "refuse",
) -> TaggedExamples:
    """Reads texts and the entities in them into memory.

    | source | what it is |
    |---|---|
    | `"train.conll"`, `"train.txt"`, any other name | columns, a word a line |
    | `"train.jsonl"` | `{"words": [...], "tags": [...]}` a line |
    | | `{"text": "...", "entities": [[start, end, label], ...]}` |
    | | `{"words": [...], "frames": [{"index": 3, "bio": [...]}, ...]}` |
    | `[(words, tags), ...]` | lists of words and of their tags |
    | `[(text, [(start, end, label), ...]), ...]` | spans of characters |
    | `[(words or text, 3, tags or spans), ...]` | of word 3, a predicate |
    | `["a text", ("a text", 3)]` | with `labelled=False` |
    | `TaggedExamples` | read already: given back |

    Tags may be IO, IOB1, IOB2 or BIOES, which is seen from all of them. Words
    become a text as `join_words` says.

    Args:
        source: One of the above; files may also end in `.gz`.
        text: Key of the words or the text; in columns, a number from 0, where
            -1 is the last. The first column if `None`.
        label: The same for tags or spans; the last column if `None`.
        labelled: Whether to read entities.
        bad_rows: What to do with tags that begin nowhere, ragged columns and
            spans that are no part of the text: `"refuse"` them all, `"skip"`
            their texts, or `"repair"` what is said clearly enough.

    Returns:
        The examples in the order of the source.

    Raises:
        DataError: If the source cannot be read, or rows are bad and refused,
            all of which the message counts.

    Example:
        >>> data = read_tagged([(["In", "New", "York"], ["O", "I-L", "I-L"])])
        >>> data.texts, data.entities
        (['In New York'], [[Span(start=3, end=11, label='L')]])
    """
    if isinstance(source, TaggedExamples):
        return source
    if bad_rows not in BAD_ROWS:
        raise ValueError(
            f"Expected `bad_rows` to be {', '.join(BAD_ROWS)}. Received: "
            f"bad_rows={bad_rows!r}"
        )
    name, is_file = "a list", isinstance(source, str | Path)
    if not is_file:
        rows = memory_rows(source, labelled=labelled)
    else:
        name, path = str(source), find_file(source)
        lines = read_lines(path, name)
        if file_format(path) in ("jsonl", "json"):
            rows = jsonl_rows(lines, name, text=text, label=label)
        else:
            columns = _number(text, 0, name), _number(label, -1, name)
            rows = conll_sentences(lines, name, word=columns[0], tag=columns[1])
    return _collect(
        list(_read(rows)), name, is_file, labelled=labelled, bad_rows=bad_rows
    )


def _number(column: str | None, default: int, source: str) -> int:
    try:
        return default if column is None else int(column)
    except ValueError:
        raise DataError(
            f"{source}: Expected the number of a column, from 0; -1 is the "
            f"last. Received: {column!r}."
        ) from None


def _read(rows: Sequence[TaggedWords | TaggedText]) -> Iterator[_Read]:
    """Brings words and texts to one form."""
    sentences = [
        row for row in rows if isinstance(row, TaggedWords) and not row.problem
    ]
    scheme = detect_scheme(row.tags for row in sentences)
    by_character = are_characters([row.words for row in sentences])
    for row in rows:
        if row.problem:
            yield _Read(row.line, faults=[row.problem], usable=False)
        elif isinstance(row, TaggedWords):
            yield _from_words(row, scheme, by_character)
        else:
            spans, faults = _checked(row.text, row.spans)
            yield _Read(row.line, row.text, spans, row.predicate, faults=faults)


def _from_words(row: TaggedWords, scheme: str, by_character: bool) -> _Read:
    spans, faults = tag_spans(row.tags, scheme)
    text, places = join_words(row.words, by_character=by_character)
    predicate = row.predicate
    if predicate is not None:
        # A word that holds white space counts as what `text.split()` makes.
        predicate = len(text[: places[predicate][0]].split())
    return _Read(
        row.line,
        text,
        [Span(places[a][0], places[b - 1][1], label) for a, b, label in spans],
        predicate,
        word_starts(row.words, places),
        [f"word {at + 1}, {row.words[at]!r}: {what}" for at, what in faults],
    )


def _checked(text: str, spans: list[Span]) -> tuple[list[Span], list[str]]:
    """Returns the spans that are part of a text, and what is wrong."""
    kept, faults = [], []
    for span in sorted(spans):
        start, end, label = span
        if not 0 <= start < end <= len(text):
            faults.append(f"{tuple(span)} of a text of {len(text)} characters")
            continue
        inside = text[start:end]
        if inside != inside.strip():
            faults.append(f"{tuple(span)} has white space around: {inside!r}")
            start += len(inside) - len(inside.lstrip())
            end = start + len(inside.strip())
        if kept and start < kept[-1].end:
            faults.append(f"{tuple(span)} overlaps with {tuple(kept[-1])}")
        elif start < end:
            kept.append(Span(start, end, label))
    return kept, faults


def _collect(
    found: list[_Read], source: str, is_file: bool, *, labelled, bad_rows
) -> TaggedExamples:
    problems = Problems()
    place = f"{source}:" if is_file else f"{source}, index "
    for row in found:
        for fault in row.faults:
            problems.add(f"{place}{row.line}", fault)
    bad = [row for row in found if row.faults]
    if bad_rows == "refuse":
        problems.raise_if_any(
            expected="texts with entities that can be read",
            remedy="Correct them, or leave these texts out with --bad-rows "
            "skip, or read them as well as may be with --bad-rows repair (in "
            "Python: bad_rows='skip' or 'repair').",
        )
    kept = [
        row
        for row in found
        if not row.faults or (bad_rows == "repair" and row.usable)
    ]
    left_out = len(found) - len(kept)
    if bad:
        done = "Left out"
        if bad_rows == "repair":
            repaired = len(bad) - left_out
            done = f"Repaired {repaired:,}, left out {left_out:,}. Found"
        logger.warning("%s: %s", source, problems.summary(done))
    if not kept and (labelled or is_file):
        raise DataError(f"{source}: Expected at least one text. Received none.")
    marked = [row.predicate is not None for row in kept]
    if any(marked) and not all(marked):
        raise DataError(
            f"{source}: Expected a predicate for each text, or for none. "
            f"Received {sum(marked)} for {len(kept)} texts."
        )
    return TaggedExamples(
        texts=[row.text for row in kept],
        entities=[row.entities for row in kept] if labelled else None,
        predicates=[row.predicate for row in kept] if any(marked) else None,
        word_starts=[row.word_starts for row in kept],
        source=source,
        lines=[row.line for row in kept] if is_file else None,
        left_out=left_out,
        repaired=sum(bool(row.faults) for row in kept),
    )
