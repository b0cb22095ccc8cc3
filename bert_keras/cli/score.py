"""`bert-keras score DIR`: how likely a masked language model finds texts."""

import itertools
import sys
from typing import Annotated

import typer

from bert_keras.cli.options import Json, TextColumn
from bert_keras.cli.output import one_line, print_json, print_line

_CHUNK = 64


def score(
    folder: Annotated[
        str,
        typer.Argument(
            help="Task folder, exported version, or handle with a head."
        ),
    ],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts.", show_default=False)
    ] = None,
    input: Annotated[
        str | None, typer.Option(help="File of texts, or - for stdin.")
    ] = None,
    text_column: TextColumn = None,
    json: Json = False,
):
    """Score texts: pseudo-perplexity and log-likelihood."""
    from bert_keras.cli.checks import check_model
    from bert_keras.data import stream_texts

    if bool(texts) == (input is not None):
        raise ValueError(
            "Expected texts, or --input with a file (- for stdin). Received "
            + ("both." if texts else "neither.")
        )
    check_model(folder)
    stream = iter(texts or ())
    if input is not None:
        source = sys.stdin if input == "-" else input
        stream = (text for text, _ in stream_texts(source, text=text_column))
    # The first are read before TensorFlow is imported.
    chunk = list(itertools.islice(stream, _CHUNK))
    from bert_keras.tasks import MaskedLanguageModel, load_task

    task = load_task(folder)
    if not isinstance(task, MaskedLanguageModel):
        raise ValueError(
            f"Expected a masked language model. Received: {folder}, a "
            f"{task.problem.kind}. Train one with: bert-keras train masked-lm"
        )
    while chunk:
        for text, found in zip(chunk, task.score(chunk), strict=True):
            if json:
                print_json({"text": text, **found})
            else:
                _print(text, **found)
        sys.stdout.flush()
        chunk = list(itertools.islice(stream, _CHUNK))


def _print(text, perplexity, log_likelihood, tokens) -> None:
    shown = "-" if perplexity is None else f"{perplexity:.2f}"
    print_line(shown, f"{log_likelihood:.2f}", tokens, one_line(text))
