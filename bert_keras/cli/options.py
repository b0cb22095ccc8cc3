"""Options that several verbs share."""

from typing import Annotated

import typer

TextColumn = Annotated[
    str | None,
    typer.Option(help="Column of the texts; found by itself if usual."),
]
TextBColumn = Annotated[
    str | None, typer.Option(help="Column of the second texts of pairs.")
]
LabelColumn = Annotated[
    str | None, typer.Option(help="Column of the labels or scores.")
]
BadRows = Annotated[
    str | None,
    typer.Option(
        help="refuse, skip or repair what is wrong with tags, spans, answers."
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Print machine-readable output on stdout, only that."
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="Run a SavedModel that does more than compute."
    ),
]
