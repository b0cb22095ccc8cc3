"""Rows of tagging data given as objects: JSON lines, tuples and dicts."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bert_keras.data.arrays import beside, is_column, is_text, plain
from bert_keras.data.columns import WEIGHT_NAME
from bert_keras.data.conll import TaggedWords
from bert_keras.data.errors import DataError, quoted
from bert_keras.data.jsonl import jsonl_table
from bert_keras.data.tags import Span

TEXT_KEYS = ("words", "tokens", "text")
LABEL_KEYS = ("tags", "ner_tags", "labels", "entities", "spans", "label")
FRAMES = "frames"
PREDICATE = "predicate"

_FORMS = (
    "(words, tags) or (text, tags) or (text, [(start, end, label), ...]) or a "
    "dict of them, or the name of a file"
)
_FRAME = "frames such as {'index': 0, 'bio': ['B-V', 'B-ARG1']}"


class TaggedText(NamedTuple):
    """A text and spans of its characters, as given by the source.

    The attributes are those of `TaggedWords`, except for `spans`.
    """

    line: int
    text: str
    spans: list[Span]
    fault: str = ""
    predicate: int | None = None
    weight: float | None = None


def jsonl_rows(
    lines: Iterable[str],
    source: str,
    *,
    text: str | None = None,
    label: str | None = None,
) -> list[TaggedWords | TaggedText]:
    """Reads a JSON object from each line; see `read_tagged` for their forms.

    Args:
        lines: Lines of text.
        source: Name of the file in messages.
        text: Key of the words or the text; detected if `None`.
        label: Key of the tags or spans; detected if `None`.

    Raises:
        DataError: If the first object does not have these keys.
    """
    table = jsonl_table(lines, source)
    text = _key(text, TEXT_KEYS, table.columns, source)
    label = _key(label, (FRAMES, *LABEL_KEYS), table.columns, source)
    rows = []
    for row in table.rows:
        if row.fault or text not in row.cells or label not in row.cells:
            fault = row.fault or f"no {text!r} or no {label!r}"
            rows.append(TaggedText(row.number, "", [], fault))
        else:
            rows += _rows(row.number, row.cells, text, label)
    return rows


def memory_rows(
    source,
    labels=None,
    sample_weight=None,
    *,
    labelled: bool,
    limit: int | None = None,
) -> list[TaggedWords | TaggedText]:
    """Reads a list of tuples or dicts; see `read_tagged` for their forms.

    Args:
        source: A list, or anything that `plain` turns into one.
        labels: Tags or spans of each text, unless the source contains them.
        sample_weight: The weight of each text, or `None`.
        labelled: Whether to read tags or spans.
        limit: Maximum number of items to take from an iterator.

    Raises:
        DataError: If the source has another type, or lengths differ.
    """
    if not is_column(source):
        raise DataError(
            f"Expected a list of {_FORMS}. Received: "
            f"{type(source).__name__} {source!r:.80}"
        )
    items = plain(source, limit)
    if labels is not None:
        labels = beside(items, labels, "labels", limit)
        items = list(map(_with_labels, items, labels))
    rows = _rows_of(items, labelled)
    if sample_weight is None:
        return rows
    weights = beside(items, sample_weight, "sample_weight", limit)
    # A text with several frames makes several examples.
    return [row._replace(weight=_given(weights[row.line])) for row in rows]


def _with_labels(item, labels) -> tuple:
    """Returns an item and its labels as one tuple."""
    if isinstance(item, tuple) and len(item) == 2 and _whole(item[1]):
        return (*item, labels)
    return item, labels


def _given(weight):
    """Returns a weight; NaN, which is not a valid one, if it is missing."""
    return math.nan if weight is None else weight


def _rows_of(items: Sequence, labelled: bool) -> list:
    rows = []
    for number, item in enumerate(items):
        if isinstance(item, Mapping):
            rows += _from_object(number, item, labelled)
        elif not labelled:
            rows.append(_unlabelled(number, item))
        elif isinstance(item, tuple | list) and len(item) == 2:
            rows.append(_row(number, item[0], item[1], None))
        elif isinstance(item, tuple | list) and len(item) == 3:
            rows.append(_row(number, item[0], item[2], item[1]))
        else:
            fault = f"expected {_FORMS}, received {item!r:.80}"
            rows.append(TaggedText(number, "", [], fault))
    return rows


def _key(given, known, found: list[str], source: str) -> str:
    for name in (given,) if given else known:
        if name in found:
            return name
    raise DataError(
        f"{source}: Expected one of the keys "
        f"{quoted((given,) if given else known)}. Received keys: "
        f"{quoted(found)}. Name them with --text-column and --label-column "
        "(in Python: text='...', label='...')."
    )


def _from_object(number: int, item: Mapping, labelled: bool) -> Iterable:
    text = _key(None, TEXT_KEYS, list(item), "a list")
    if not labelled:
        row = _unlabelled(number, (item[text], item.get(PREDICATE)))
        return [row._replace(weight=_weight(item))]
    known = (FRAMES, *LABEL_KEYS)
    return _rows(number, item, text, _key(None, known, list(item), "a list"))


def _weight(cells: Mapping):
    return _given(cells[WEIGHT_NAME]) if WEIGHT_NAME in cells else None


def _unlabelled(number: int, item) -> TaggedText:
    text, predicate = item, None
    if isinstance(item, tuple | list) and len(item) == 2:
        text, predicate = item
        if isinstance(predicate, list | tuple):  # labels, which are ignored
            predicate = None
    try:
        text = _string(text)
    except UnicodeDecodeError:
        return TaggedText(number, "", [], "bytes that are not UTF-8")
    known = predicate is None or _whole(predicate)
    if not isinstance(text, str) or not known:
        fault = f"expected a text, received {item!r:.80}"
        return TaggedText(number, "", [], fault)
    return TaggedText(number, text, [], "", predicate)


def _rows(number: int, cells: Mapping, text: str, label: str) -> Iterator:
    weight = _weight(cells)
    if label != FRAMES:
        row = _row(number, cells[text], cells[label], cells.get(PREDICATE))
        yield row._replace(weight=weight)
        return
    for frame in _listed(cells[FRAMES]):
        if isinstance(frame, Mapping) and "index" in frame and "bio" in frame:
            row = _row(number, cells[text], frame["bio"], frame["index"])
            yield row._replace(weight=weight)
        else:
            fault = f"expected {_FRAME}, received {frame!r:.60}"
            yield TaggedText(number, "", [], fault)


def _listed(frames) -> Iterable:
    """Returns frames as a list; anything else becomes its only item."""
    return frames if isinstance(frames, list | tuple) else [frames]


def _row(number: int, text, labels, predicate) -> TaggedWords | TaggedText:
    whole = None
    try:
        text, labels = _string(text), plain(labels)
        if is_text(labels):
            raise TypeError(f"one text as labels, {labels!r:.40}")
        if not isinstance(text, str) and not is_column(text):
            raise TypeError(f"neither a text nor words, {text!r:.40}")
        if isinstance(text, str) and _are_tags(labels):
            text.encode()
            whole, text = text, text.split()
        if isinstance(text, str):
            text.encode()
            spans = [_span(label) for label in labels]
            fault = _predicate_problem(predicate, len(text.split()))
            return TaggedText(number, text, spans, fault, predicate)
        words = [str(_string(word)) for word in text]
        tags = [_string(tag) for tag in labels]
        " ".join(words).encode()
    except UnicodeEncodeError:
        return TaggedText(number, "", [], "a lone surrogate")
    except (TypeError, ValueError, KeyError) as error:
        return TaggedText(number, "", [], f"expected {_FORMS}: {error}")
    fault = ""
    if len(words) != len(tags):
        fault = f"{len(words)} words with {len(tags)} tags"
    elif not all(word.strip() for word in words):
        fault = "an empty word"
    elif not all(isinstance(tag, str) and tag for tag in tags):
        fault = f"expected tags such as 'B-LOC', received {tags!r:.60}"
    else:
        fault = _predicate_problem(predicate, len(words))
    return TaggedWords(number, words, tags, fault, predicate, whole)


def _are_tags(labels) -> bool:
    """Whether these are tags of words rather than spans."""
    return bool(labels) and all(map(is_text, labels))


def _string(value):
    """Returns bytes as text: TensorFlow's strings are bytes."""
    return value.decode() if isinstance(value, bytes) else value


def _predicate_problem(predicate, words: int) -> str:
    """Returns what is wrong with the index of a predicate, if anything."""
    if predicate is None or (_whole(predicate) and 0 <= predicate < words):
        return ""
    return f"predicate {predicate!r:.20} of {words} words"


def _whole(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _span(value) -> Span:
    if isinstance(value, Mapping):
        value = [value[name] for name in ("start", "end", "label")]
    start, end, label = value
    if not isinstance(label, str) or not label:
        raise ValueError(f"the label {label!r} is not a name")
    if not _whole(start) or not _whole(end):
        raise ValueError(f"the span {value!r} does not consist of integers")
    return Span(start, end, label)
