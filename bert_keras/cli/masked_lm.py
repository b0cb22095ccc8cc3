"""The options of a masked language model, for every verb that trains."""

from typing import Annotated

import typer

from bert_keras.cli.options import TextColumn
from bert_keras.cli.training_options import Asked


def masked_lm(
    mask_rate: Annotated[
        float, typer.Option(help="Share of the pieces that are masked.")
    ] = 0.15,
    whole_words: Annotated[
        bool, typer.Option("--whole-words/--pieces", help="What is masked.")
    ] = True,
    join_lines: Annotated[
        bool,
        typer.Option(
            "--join-lines/--single-lines",
            help="What makes a row: lines of a document, or each line.",
        ),
    ] = True,
    k: Annotated[
        int, typer.Option(min=1, help="Pieces to give for each [MASK].")
    ] = 5,
    text_column: TextColumn = None,
):
    """Train a masked language model: fit an encoder to running text.

    A .txt file has a sentence or a paragraph a line, blank lines between
    documents; each row of a table is a document.
    """
    problem = {
        "mask_rate": mask_rate,
        "whole_words": whole_words,
        "join_lines": join_lines,
        "k": k,
    }
    return Asked("masked-lm", problem, (text_column,))
