"""One function that reads texts with entities from any source.

words and tags -> text and spans of characters <- text and spans
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bert_keras.data.arrays import (
    check_given_beside,
    check_limit,
    is_dataset,
    plain,
)
from bert_keras.data.bad_rows import Checked, Kept, check_bad_rows, keep
from bert_keras.data.conll import TaggedWords, conll_sentences
from bert_keras.data.datasets import tagged_items
from bert_keras.data.errors import DataError
from bert_keras.data.files import find_file, is_one_text, read_lines
from bert_keras.data.read import file_format
from bert_keras.data.tagged import (
    TaggedExamples,
    are_characters,
    join_words,
    word_starts,
)
from bert_keras.data.tagged_rows import TaggedText, jsonl_rows, memory_rows
from bert_keras.data.tags import Span, detect_scheme, tag_spans
from bert_keras.data.weights import as_weight, weight_array

_WORD = re.compile(r"\S+")


class _Example(NamedTuple):
    """One of `TaggedExamples`."""

    line: int
    text: str
    entities: list[Span]
    predicate: int | None
    word_starts: list[int] | None = None
    weight: float | None = None


def read_tagged(
    source,
    labels=None,
    sample_weight=None,
    *,
    text: str | None = None,
    label: str | None = None,
    labelled: bool = True,
    bad_rows: str = "refuse",
    limit: int | None = None,
) -> TaggedExamples:
    """Reads texts and the entities in them into memory.

    Labels and weights may be passed along with the texts, as in Keras:

    | source | `labels` | `sample_weight` |
    |---|---|---|
    | `["In Rome"]` | `[[(3, 7, "LOC")]]` | `[0.5]` |
    | `["In Rome"]` | `[["O", "B-LOC"]]`, of `text.split()` | `[0.5]` |
    | `[["In", "Rome"]]` | `[["O", "B-LOC"]]` | `None` |
    | `[("In Rome", 1)]`, with a predicate | `[["O", "B-ARG1"]]` | `None` |

    Each may be a list, a NumPy array, a pandas Series, a `tf.Tensor` or a
    generator. All other sources contain their labels and weights:

    | source | what it is |
    |---|---|
    | `"train.conll"`, `"train.txt"`, any other name | a word per line |
    | `"train.jsonl"` | `{"words": [...], "tags": [...]}` per line |
    | | `{"text": "...", "entities": [[start, end, label], ...]}` |
    | | `{"words": [...], "frames": [{"index": 3, "bio": [...]}, ...]}` |
    | `[(words, tags), ...]` | lists of words and of their tags |
    | `[(text, [(start, end, label), ...]), ...]` | spans of characters |
    | `[(words or text, 3, tags or spans), ...]` | roles of predicate 3 |
    | `["a text", ("a text", 3)]` | with `labelled=False` |
    | `"a text"` | one, with `labelled=False` |
    | a `tf.data.Dataset` | of dicts or `(text, tags)`; see `tagged_items` |
    | `TaggedExamples` | returned unchanged |

    Tags may be IO, IOB1, IOB2 or BIOES; the scheme is detected from all of
    them. Words are joined to a text by `join_words`.

    Args:
        source: One of the above; files may also end in `.gz`.
        labels: The entities or tags of each text, unless the source contains
            them.
        sample_weight: Weight of each example in the loss, finite and not
            negative; in dicts and JSON lines a key of that name.
        text: Key of the words or the text; in columns a number from 0, where
            -1 is the last. The first column if `None`.
        label: Key or column number of the tags or spans; the last column if
            `None`.
        labelled: Whether to read entities.
        bad_rows: What to do with tags that do not fit their scheme, ragged
            columns and spans outside the text: `"refuse"` the source,
            `"skip"` the texts, or `"repair"` what has a clear meaning.
        limit: Maximum number of texts; required for an infinite dataset or
            generator.

    Returns:
        The examples in the order of the source.

    Raises:
        DataError: If the source cannot be read, has bad rows that are refused
            (one message reports all of them), or lengths differ.

    Example:
        >>> data = read_tagged([(["In", "New", "York"], ["O", "I-L", "I-L"])])
        >>> data.texts, data.entities
        (['In New York'], [[Span(start=3, end=11, label='L')]])
    """
    check_bad_rows(bad_rows)
    check_limit(limit)
    check_given_beside(
        source,
        labels=labels,
        sample_weight=sample_weight,
        labelled=labelled,
        read=TaggedExamples,
    )
    if isinstance(source, TaggedExamples):
        return source
    if not labelled and is_one_text(source):
        source = [plain(source)]
    name, is_file = "a list", isinstance(source, str | Path)
    if is_dataset(source):
        name = "a tf.data.Dataset"
        source = tagged_items(source, labelled=labelled, limit=limit)
    if isinstance(source, str | Path):
        name, path = str(source), find_file(source)
        lines = read_lines(path, name)
        if file_format(path) in ("jsonl", "json"):
            rows = jsonl_rows(lines, name, text=text, label=label)
        else:
            columns = _number(text, 0, name), _number(label, -1, name)
            rows = conll_sentences(lines, name, word=columns[0], tag=columns[1])
    else:
        rows = memory_rows(
            source, labels, sample_weight, labelled=labelled, limit=limit
        )
    kept = keep(
        _checked(rows[:limit], f"{name}:" if is_file else f"{name}, index "),
        name,
        bad_rows=bad_rows,
        expected="texts with readable entities",
        remedy="Correct them, leave these texts out with --bad-rows skip, or "
        "read them as well as possible with --bad-rows repair (in Python: "
        "bad_rows='skip' or 'repair').",
    )
    if not kept.examples and (labelled or is_file):
        raise DataError(f"{name}: Expected at least one text. Received none.")
    return _tagged(kept, name, is_file, labelled=labelled)


def _number(column: str | None, default: int, source: str) -> int:
    try:
        return default if column is None else int(column)
    except ValueError:
        raise DataError(
            f"{source}: Expected a column number, from 0; -1 is the last. "
            f"Received: {column!r}."
        ) from None


def _checked(
    rows: Sequence[TaggedWords | TaggedText], location: str
) -> Iterator[Checked]:
    """Yields texts with spans of characters, and what is wrong with them."""
    sentences = [
        row for row in rows if isinstance(row, TaggedWords) and not row.fault
    ]
    scheme = detect_scheme(row.tags for row in sentences)
    by_character = are_characters([row.words for row in sentences])
    for row in rows:
        at, weight = f"{location}{row.line}", None
        try:
            if row.fault:
                raise DataError(row.fault)
            if row.weight is not None:
                weight = as_weight(row.weight)
        except DataError as error:
            yield Checked(at, None, [str(error)], usable=False)
            continue
        if isinstance(row, TaggedWords):
            example, faults = _from_words(row, scheme, by_character)
        else:
            spans, faults = _inside(row.text, row.spans)
            example = _Example(row.line, row.text, spans, row.predicate)
        yield Checked(at, example._replace(weight=weight), faults)


def _from_words(
    row: TaggedWords, scheme: str, by_character: bool
) -> tuple[_Example, list[str]]:
    spans, faults = tag_spans(row.tags, scheme)
    if row.text is None:
        text, positions = join_words(row.words, by_character=by_character)
    else:
        text, positions = row.text, [m.span() for m in _WORD.finditer(row.text)]
    predicate = row.predicate
    if predicate is not None:
        # A word that contains white space counts as several words.
        predicate = len(text[: positions[predicate][0]].split())
    example = _Example(
        row.line,
        text,
        [
            Span(positions[a][0], positions[b - 1][1], label)
            for a, b, label in spans
        ],
        predicate,
        word_starts(row.words, positions),
    )
    return example, [
        f"word {at + 1}, {row.words[at]!r}: {what}" for at, what in faults
    ]


def _inside(text: str, spans: list[Span]) -> tuple[list[Span], list[str]]:
    """Returns the spans that lie inside a text, and what is wrong."""
    kept, faults = [], []
    for span in sorted(spans):
        start, end, label = span
        if not 0 <= start < end <= len(text):
            faults.append(f"{tuple(span)} in a text of {len(text)} characters")
            continue
        inside = text[start:end]
        if inside != inside.strip():
            faults.append(f"{tuple(span)} includes white space: {inside!r}")
            start += len(inside) - len(inside.lstrip())
            end = start + len(inside.strip())
        if kept and start < kept[-1].end:
            faults.append(f"{tuple(span)} overlaps with {tuple(kept[-1])}")
        elif start < end:
            kept.append(Span(start, end, label))
    return kept, faults


def _tagged(
    kept: Kept, source: str, is_file: bool, *, labelled: bool
) -> TaggedExamples:
    rows: list[_Example] = kept.examples
    predicates = [row.predicate for row in rows if row.predicate is not None]
    if predicates and len(predicates) < len(rows):
        raise DataError(
            f"{source}: Expected a predicate for every text or for none. "
            f"Received {len(predicates)} for {len(rows)} texts."
        )
    return TaggedExamples(
        texts=[row.text for row in rows],
        entities=[row.entities for row in rows] if labelled else None,
        predicates=predicates or None,
        word_starts=[row.word_starts for row in rows],
        source=source,
        lines=[row.line for row in rows] if is_file else None,
        left_out=kept.left_out,
        repaired=kept.repaired,
        weights=weight_array([row.weight for row in rows], source),
    )
