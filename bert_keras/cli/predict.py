"""`bert-keras predict DIR`: answers to texts, to a file or to stdin."""

import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bert_keras import contract
from bert_keras.cli.options import Json, TextBColumn, TextColumn, Trust
from bert_keras.cli.output import one_line, print_json, print_line
from bert_keras.printable import printable

_CHUNK = 1024


def predict(
    folder: Annotated[
        Path, typer.Argument(help="Task folder or exported version.")
    ],
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Texts. For pairs: a, b, a, b ... For semantic roles: text, "
            "number of the predicate's word from 0, text, ...",
            show_default=False,
        ),
    ] = None,
    input: Annotated[
        str | None, typer.Option(help="File of texts, or - for stdin.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help="tsv, csv, jsonl or txt (one text per line); default: by the "
            "file's name, txt for stdin."
        ),
    ] = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    trust: Trust = False,
    json: Json = False,
):
    """Answer texts: one line of output for each."""
    from bert_keras.cli.opened import find_saved, open_saved

    if bool(texts) == (input is not None):
        raise ValueError(
            "Expected texts, or --input with a file (- for stdin). Received "
            + ("both." if texts else "neither.")
        )
    saved = find_saved(folder)
    inputs = saved.spec.inputs
    if input is None:
        stream = _given(texts or [], pair=len(inputs) > 1)
    else:
        stream = _read(input, inputs, text_column, text_b_column, format)
    batches = _batches(stream, inputs, input)
    # The first is read before TensorFlow is imported.
    first = list(itertools.islice(batches, 1))
    if not first:
        return
    opened = open_saved(saved, trust=trust)
    from bert_keras.serving import answer_rows

    for columns in itertools.chain(first, batches):
        answers = answer_rows(opened.ask(columns))
        rows = zip(*columns.values(), strict=True)
        for row, answer in zip(rows, answers, strict=True):
            if json:
                print_json(dict(zip(columns, row, strict=True)) | answer)
            else:
                summary = opened.problem.summary(_printable(answer))
                print_line(*summary.split("\t"), *map(one_line, row))
        sys.stdout.flush()


def _read(
    source: str,
    inputs: tuple[str, ...],
    text: str | None,
    text_b: str | None,
    format: str | None,
) -> Iterator[tuple]:
    from bert_keras.data import stream_texts

    if contract.PREDICATE in inputs:
        text_b = text_b or contract.PREDICATE
    return stream_texts(
        sys.stdin if source == "-" else source,
        text=text,
        text_b=text_b,
        format=format,
    )


def _batches(
    stream: Iterable[tuple], inputs: tuple[str, ...], source: str | None
) -> Iterator[dict]:
    """Yields the inputs of some texts at a time, by name."""
    from bert_keras.data import DataError

    iterator = iter(stream)
    while rows := list(itertools.islice(iterator, _CHUNK)):
        if None in rows[0][: len(inputs)]:
            raise DataError(
                f"{source}: Expected pairs of texts, as in training. Received "
                "single texts. Name the columns with --text-column and "
                "--text-b-column, and what stdin holds with --format jsonl."
            )
        yield _columns(inputs, rows)


def _columns(inputs: tuple[str, ...], chunk: list[tuple]) -> dict:
    """Returns the inputs by name; numbers of words become integers."""
    from bert_keras.data import DataError

    columns: dict[str, Sequence] = dict(
        zip(inputs, zip(*chunk, strict=True), strict=False)
    )
    if contract.PREDICATE in columns:
        try:
            numbers = list(map(int, columns[contract.PREDICATE]))
        except ValueError as error:
            raise DataError(
                "Expected after each text the number of a word, from 0. "
                f"Received: {error}"
            ) from None
        columns[contract.PREDICATE] = numbers
    return columns


def _given(texts: list[str], *, pair: bool) -> Iterator[tuple]:
    if not pair:
        return ((text, None) for text in texts)
    if len(texts) % 2:
        raise ValueError(
            "Expected an even number of texts, since this model takes pairs. "
            f"Received: {len(texts)}"
        )
    return zip(texts[::2], texts[1::2], strict=True)


def _printable(answer):
    """Returns an answer whose labels and texts hold no tab and no line end."""
    if isinstance(answer, dict):
        return {name: _printable(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_printable(value) for value in answer]
    return printable(answer) if isinstance(answer, str) else answer
