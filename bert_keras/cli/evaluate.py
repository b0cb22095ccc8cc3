"""`bert-keras evaluate DIR FILE`: metrics of a task or exported version."""

from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.options import (
    BadRows,
    Json,
    LabelColumn,
    TextBColumn,
    TextColumn,
    Trust,
)
from bert_keras.cli.output import print_json, print_report


def evaluate(
    folder: Annotated[
        Path, typer.Argument(help="Task folder or exported version.")
    ],
    file: Annotated[str, typer.Argument(help="Labelled data.")],
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
    trust: Trust = False,
    json: Json = False,
):
    """Evaluate a task or an exported version on labelled data."""
    from bert_keras.cli.opened import find_saved, open_saved

    saved = find_saved(folder)
    columns = {
        "text": text_column,
        "text_b": text_b_column,
        "label": label_column,
        "question": text_column,
        "context": text_b_column,
        "answer": label_column,
        "bad_rows": bad_rows,
    }
    spec = saved.spec
    examples = spec.read(file, **{name: columns[name] for name in spec.columns})
    spec.check(examples)
    opened = open_saved(saved, trust=trust)
    from bert_keras.tasks.text_lengths import measure

    problem = opened.problem
    answers = opened.answers(examples)
    metrics = measure(problem, opened.preprocessor, examples, answers)
    if json:
        print_json(metrics)
    else:
        print_report(metrics, problem.labels)
