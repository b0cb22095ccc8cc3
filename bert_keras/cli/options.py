"""Options that several verbs share."""

from typing import Annotated

import typer

TextColumn = Annotated[
    str | None,
    typer.Option(help="Column with the texts; default: found by its name."),
]
TextBColumn = Annotated[
    str | None, typer.Option(help="Column with the second texts of pairs.")
]
LabelColumn = Annotated[
    str | None, typer.Option(help="Column with the labels or scores.")
]
BadRows = Annotated[
    str | None,
    typer.Option(
        help="What to do with wrong tags, spans or answers: refuse, skip or "
        "repair."
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print only JSON on stdout."),
]
Trust = Annotated[
    bool,
    typer.Option("--trust", help="Allow a SavedModel to do more than compute."),
]
