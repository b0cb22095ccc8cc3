"""`bert-keras evaluate DIR FILE`: measure a task or an exported version."""

from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.options import Json, LabelColumn, TextBColumn, TextColumn
from bert_keras.cli.output import print_json, print_report


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Task or exported version.")],
    file: Annotated[str, typer.Argument(help="Labelled data.")],
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
    json: Json = False,
):
    """Measure a task folder or an exported version on labelled data."""
    from bert_keras.cli.opened import open_model
    from bert_keras.data import read_examples

    examples = read_examples(
        file, text=text_column, text_b=text_b_column, label=label_column
    )
    opened = open_model(folder)
    opened.problem.targets(examples)  # names bad labels before any answer
    metrics = opened.problem.measure(examples, opened.answers(examples))
    if json:
        print_json(metrics)
    else:
        print_report(metrics, opened.problem.labels)
