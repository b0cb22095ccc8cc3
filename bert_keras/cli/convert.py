"""`bert-keras convert HANDLE OUT --format F`: a model for another library."""

from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.options import Json
from bert_keras.cli.output import print_json, print_line


def convert(
    handle: Annotated[
        str, typer.Argument(help="Encoder, task folder or exported version.")
    ],
    out: Annotated[Path, typer.Argument(help="New folder.")],
    format: Annotated[
        str,
        typer.Option(
            help="bert_keras, garden, hub, huggingface, keras-hub or tf1."
        ),
    ],
    without_heads: Annotated[
        bool,
        typer.Option(
            "--without-heads",
            help="Write only the encoder and its tokenizer.",
        ),
    ] = False,
    json: Json = False,
):
    """Write a checkpoint for another library, and check it."""
    from bert_keras.checkpoints import describe
    from bert_keras.export import convert

    folder = convert(handle, out, format=format, without_heads=without_heads)
    if json:
        print_json(describe(folder))
        return
    print_line(folder)
