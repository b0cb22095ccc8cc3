"""Rows of questions from files, tables and lists, answers unchecked."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bert_keras.data.arrays import beside, is_column, plain
from bert_keras.data.columns import WEIGHT_NAME
from bert_keras.data.errors import DataError, quoted
from bert_keras.data.files import read_lines
from bert_keras.data.table import Row, Table
from bert_keras.data.weights import as_weight

# Column names of published data sets.
QUESTION = ("question", "query", "text_a", "text")
CONTEXT = ("context", "passage", "paragraph", "document", "text_b", "text")
ANSWERS = ("answers", "answer", "answer_text", "label")
START = ("answer_start", "start")


class QuestionRow(NamedTuple):
    """A question as the source spells it.

    Attributes:
        location: Where the example is in its source, for messages.
        question: The question.
        context: The text to find the answer in.
        answers: (text, start or `None`) of each answer; `None` if the source
            says nothing about answers.
        fault: Why it cannot be read; empty if it can.
        weight: Sample weight, if the source has one.
    """

    location: str
    question: str = ""
    context: str = ""
    answers: list[tuple[str, int | None]] | None = None
    fault: str = ""
    weight: float | None = None


def squad_rows(path: Path, source: str) -> Iterator[QuestionRow]:
    """Reads a SQuAD file, version 1.1 or 2.0.

    Questions marked `is_impossible` have no answer.

    Raises:
        DataError: If the file has another form.
    """
    try:
        articles = json.loads("".join(read_lines(path, source)))["data"]
        for article in articles:
            for paragraph in article["paragraphs"]:
                context = paragraph["context"]
                context.encode()  # a lone surrogate has no UTF-8
                for number, qa in enumerate(paragraph["qas"]):
                    yield _squad_row(qa, context, source, number)
    except DataError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{source}: Expected a SQuAD file: data, paragraphs, qas, "
            f"context, question, answers. Received: {error!r:.200}. "
            "Alternatively write one question per line to a .jsonl file."
        ) from error


def _squad_row(qa: dict, context: str, source: str, number: int) -> QuestionRow:
    name = qa.get("id") or qa.get("question") or f"{number} of {context}"
    location = f"{source}, question {name!s:.60}"
    answers = None
    try:
        if qa.get("is_impossible"):
            answers = []
        elif qa.get("answers"):
            answers = answer_list(qa["answers"])
        return QuestionRow(location, _text(qa, "question"), context, answers)
    except (DataError, KeyError, TypeError, ValueError) as error:
        return QuestionRow(location, fault=_reason(error))


def _reason(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)


def table_rows(
    table: Table,
    *,
    question: str | None,
    context: str | None,
    answer: str | None,
) -> Iterator[QuestionRow]:
    """Reads the rows of a table: JSONL, TSV, CSV or columns in memory.

    Answers may be a string, a list of strings, a list of `{"text": ...,
    "answer_start": ...}`, or `{"text": [...], "answer_start": [...]}`; an
    empty value means that there is none. A column `answer_start` gives the
    start of single answers.
    """
    names = [str(name) for name in table.columns]
    asked = _choose(question, QUESTION, names, table.source, "--text-column")
    read = [name for name in names if name != asked]
    text = _choose(context, CONTEXT, read, table.source, "--text-b-column")
    answers = answer or next((n for n in ANSWERS if n in names), None)
    start = next((n for n in START if n in names), None)
    for row in table.rows:
        location = table.location(row)
        try:
            yield _table_row(row, location, (asked, text, answers, start))
        except (DataError, KeyError, TypeError, ValueError) as error:
            yield QuestionRow(location, fault=_reason(error))


def _choose(given, known, names: list[str], source: str, option: str) -> str:
    found = given or next((name for name in known if name in names), None)
    if found in names:
        return found
    raise DataError(
        f"{source}: Expected a column {(given or known[0])!r}. Received "
        f"columns: {quoted(names)}. Name it with {option}."
    )


def _table_row(row: Row, location: str, columns: tuple) -> QuestionRow:
    if row.fault:
        raise DataError(row.fault)
    question, context = (_text(row.cells, name) for name in columns[:2])
    answers, start = (row.cells.get(name) for name in columns[2:])
    said = columns[2] in row.cells
    answers = answer_list(answers, start) if said else None
    weight = None
    if WEIGHT_NAME in row.cells:
        weight = as_weight(row.cells[WEIGHT_NAME])
    return QuestionRow(location, question, context, answers, weight=weight)


def _text(cells: Mapping, name: str) -> str:
    if name not in cells:
        raise DataError(f"no {name!r} in this row")
    value = _decoded(cells[name])
    if not isinstance(value, str):
        raise DataError(f"expected a text as {name!r}, received {value!r:.80}")
    value.encode()  # a lone surrogate has no UTF-8
    return str(value)


def memory_rows(
    source, labels=None, sample_weight=None, *, limit: int | None = None
) -> Iterator[QuestionRow]:
    """Reads tuples of a question, its context and, if known, its answers.

    Args:
        source: A list of tuples, or a single one.
        labels: The answers to each question, unless the tuples contain them.
        sample_weight: The weight of each question, or `None`.
        limit: Maximum number of items to take from an iterator.

    Raises:
        DataError: If the source has another type, or lengths differ.
    """
    if _is_one(source):
        source = [source]
    if not is_column(source):
        raise DataError(
            "Expected a list of (question, context) or (question, context, "
            f"answers), a dict of columns or a file. Received: {source!r:.80}"
        )
    items = plain(source, limit)
    answers = weights = None
    if labels is not None:
        answers = beside(items, labels, "labels", limit)
    if sample_weight is not None:
        weights = beside(items, sample_weight, "sample_weight", limit)
    for index, item in enumerate(items):
        if answers is not None and isinstance(item, list | tuple):
            item = (*item, answers[index])
        location = f"a list, index {index}"
        try:
            row = _from_tuple(item, location)
            if weights is not None:
                row = row._replace(weight=as_weight(weights[index]))
        except (DataError, KeyError, TypeError, ValueError) as error:
            row = QuestionRow(location, fault=_reason(error))
        yield row


def _is_one(source) -> bool:
    """Whether this is a single question with its context, not a list."""
    return (
        isinstance(source, tuple)
        and len(source) in (2, 3)
        and all(isinstance(part, str) for part in source[:2])
    )


def _from_tuple(item, location: str) -> QuestionRow:
    good = isinstance(item, list | tuple) and len(item) in (2, 3)
    if not good or not all(isinstance(part, str | bytes) for part in item[:2]):
        raise DataError(
            "expected (question, context) or (question, context, answers), "
            f"received {item!r:.80}"
        )
    cells = dict(zip(("question", "context"), item, strict=False))
    question, context = (_text(cells, name) for name in cells)
    answers = None if len(item) == 2 else answer_list(item[2])
    return QuestionRow(location, question, context, answers)


def _decoded(value):
    """Returns bytes as text: TensorFlow and NumPy may return strings so."""
    return value.decode() if isinstance(value, bytes) else value


def answer_list(given, start=None) -> list[tuple[str, int | None]]:
    """Returns (text, start or `None`) of each answer, given in any form.

    Example:
        >>> answer_list({"text": ["a", "b"], "answer_start": [3, 7]})
        [('a', 3), ('b', 7)]
        >>> answer_list("a"), answer_list(["a", ("b", 7)]), answer_list("")
        ([('a', None)], [('a', None), ('b', 7)], [])
    """
    given = _decoded(given)
    if given is None or (isinstance(given, str) and not given):
        return []
    if isinstance(given, str):
        given = [(given, None if start in (None, "", "-1") else _start(start))]
    elif hasattr(given, "tolist"):  # a NumPy array in a data frame
        given = given.tolist()
    if isinstance(given, Mapping):
        texts = given["text"]
        starts = given.get("answer_start") or [None] * len(texts)
        given = list(zip(texts, starts, strict=True))
    if isinstance(given, tuple) and len(given) == 2:
        given = [given]
    if not isinstance(given, list):
        raise DataError(f"expected answers, received {given!r:.80}")
    return [_answer(one) for one in given]


def _start(given) -> int:
    try:
        return int(given)
    except (TypeError, ValueError):
        raise DataError(
            f"expected a whole number as answer_start, received {given!r:.40}"
        ) from None


def _answer(given) -> tuple[str, int | None]:
    if isinstance(given, Mapping):
        given = given["text"], given.get("answer_start")
    given = _decoded(given)
    if isinstance(given, str):
        given = given, None
    text, start = given
    text = _decoded(text)
    if not isinstance(text, str) or not (start is None or int(start) == start):
        raise DataError(
            f"expected answers, or (answer, start), received {given!r:.80}"
        )
    return text, start
