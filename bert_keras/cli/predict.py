"""`bert-keras predict DIR`: answer texts, files of any size, or stdin."""

import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.options import Json, TextBColumn, TextColumn
from bert_keras.cli.output import print_json

_CHUNK = 1024


def predict(
    folder: Annotated[Path, typer.Argument(help="Task or exported version.")],
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Texts; of a model for pairs: a, b, a, b ...",
            show_default=False,
        ),
    ] = None,
    input: Annotated[
        str | None, typer.Option(help="File of texts, or - for stdin.")
    ] = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    json: Json = False,
):
    """Answer texts; each line of output is the answer to one text."""
    from bert_keras.cli.opened import open_model
    from bert_keras.data import Examples, stream_texts
    from bert_keras.tasks.report import answer_rows

    if bool(texts) == (input is not None):
        raise ValueError(
            "Expected texts, or --input with a file (- for stdin). Received "
            + ("both." if texts else "neither.")
        )
    opened = open_model(folder)
    if texts:
        stream = _given(texts, pair=opened.pair)
    else:
        stream = stream_texts(
            sys.stdin if input == "-" else input,
            text=text_column,
            text_b=text_b_column,
        )
    for chunk in _chunks(stream, _CHUNK):
        first, second = zip(*chunk, strict=True)
        examples = Examples(
            list(first),
            list(second) if opened.pair and second[0] is not None else None,
            source=input or "the command line",
        )
        answers = answer_rows(opened.answers(examples))
        for row, answer in zip(chunk, answers, strict=True):
            _print(row, answer, json)
        sys.stdout.flush()


def _given(texts: list[str], *, pair: bool) -> Iterator[tuple]:
    if not pair:
        return ((text, None) for text in texts)
    if len(texts) % 2:
        raise ValueError(
            "Expected an even number of texts, since this model takes pairs. "
            f"Received: {len(texts)}"
        )
    return zip(texts[::2], texts[1::2], strict=True)


def _chunks(stream: Iterable, size: int) -> Iterator[list]:
    iterator = iter(stream)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk


def _print(row: tuple, answer: dict, json: bool) -> None:
    texts = [text for text in row if text is not None]
    if json:
        names = ("text_a", "text_b") if len(texts) > 1 else ("text",)
        print_json(dict(zip(names, texts, strict=True)) | answer)
        return
    shown = "\t".join(" ".join(text.split()) for text in texts)
    label = f"{answer['label']}\t" if "label" in answer else ""
    sys.stdout.write(f"{label}{answer['score']:.4f}\t{shown}\n")
