"""`bert-keras train TASK`: fine-tune, report, resume."""

from typing import Annotated

import typer

from bert_keras.cli.options import (
    BadRows,
    LabelColumn,
    TextBColumn,
    TextColumn,
)
from bert_keras.cli.output import note, print_json, print_report
from bert_keras.cli.training_options import (
    TrainingOptions,
    with_training_options,
)

train = typer.Typer(no_args_is_help=True)

Pooling = Annotated[str, typer.Option(help="cls, mean or max.")]
_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


@train.command()
@with_training_options
def classifier(
    training: TrainingOptions,
    labels: Annotated[
        str | None,
        typer.Option(help="Comma-separated; learned from the data if absent."),
    ] = None,
    multi_label: Annotated[
        bool, typer.Option("--multi-label", help="Labels joined by '|'.")
    ] = False,
    balance: Annotated[
        str | None,
        typer.Option(help="weights or sampling, for uneven classes."),
    ] = None,
    label_smoothing: Annotated[
        float,
        typer.Option(help="Share of a target spread over all classes."),
    ] = 0.0,
    pooling: Pooling = "cls",
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train a classifier: single texts or pairs, one label or several."""
    problem = {
        "labels": None if labels is None else labels.split(","),
        "multi_label": multi_label,
        "balance": balance,
        "label_smoothing": label_smoothing,
        "pooling": pooling,
    }
    columns = (text_column, text_b_column, label_column)
    run("classifier", problem, columns, training)


@train.command()
@with_training_options
def regressor(
    training: TrainingOptions,
    pooling: Pooling = "cls",
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train a regressor: a number for a text or a pair of texts."""
    columns = (text_column, text_b_column, label_column)
    run("regressor", {"pooling": pooling}, columns, training)


@train.command()
@with_training_options
def tagger(
    training: TrainingOptions,
    labels: Annotated[
        str | None,
        typer.Option(help="Comma-separated; learned from the data if absent."),
    ] = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
):
    """Train a tagger: names in a text, or the roles of a predicate."""
    problem = {"labels": None if labels is None else labels.split(",")}
    run("tagger", problem, (text_column, label_column, bad_rows), training)


@train.command()
@with_training_options
def embedder(
    training: TrainingOptions,
    pooling: Annotated[
        str | None,
        typer.Option(help="cls, mean or max; what the encoder's folder says."),
    ] = None,
    objective: Annotated[
        str,
        typer.Option(
            help="scores: pairs with a score of likeness. positives: pairs "
            "that mean the same."
        ),
    ] = "scores",
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train an embedder: a vector for a text, near to those of like texts."""
    problem = {"objective": objective}
    if pooling is not None:
        problem["pooling"] = pooling
    columns = (text_column, text_b_column, label_column)
    run("embedder", problem, columns, training)


@train.command()
@with_training_options
def qa(
    training: TrainingOptions,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="No answer above this no_answer_score; the best on --dev."
        ),
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(help="Pieces between windows; a third of a window."),
    ] = None,
    question_length: Annotated[
        int, typer.Option(help="Pieces of a question; the rest is cut.")
    ] = 64,
    answer_length: Annotated[
        int, typer.Option(help="Pieces of an answer at most.")
    ] = 30,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
):
    """Train a question answerer: answers are parts of a text of any length.

    Columns: --text-column the question, --text-b-column the context,
    --label-column the answers. A window has --max-length 384 pieces.
    """
    problem = {
        "threshold": threshold,
        "stride": stride,
        "question_length": question_length,
        "answer_length": answer_length,
    }
    columns = (text_column, text_b_column, label_column, bad_rows)
    run("qa", problem, columns, training)


def run(
    kind: str, problem: dict, columns: tuple, training: TrainingOptions
) -> None:
    """Trains a task and reports.

    Args:
        kind: Of the task.
        problem: Arguments of the task's problem.
        columns: Names of the data's columns, in the order of the problem's
            `columns`; `None` for those to be found.
        training: The rest of the command line.
    """
    from bert_keras.tasks import TASKS

    if training.precision not in _POLICIES:
        raise ValueError(
            f"Expected --precision {' or '.join(_POLICIES)}. "
            f"Received: {training.precision!r}"
        )
    # Read before the encoder is loaded: whoever mistyped a file name learns
    # it at once.
    asked = TASKS[kind].problem_class(**problem)
    named = dict(zip(asked.columns, columns, strict=True))
    examples = asked.read(training.train, **named)
    validation = training.dev and asked.read(training.dev, **named)
    task = TASKS[kind].from_handle(
        training.encoder,
        max_length=training.max_length,
        dtype=_POLICIES[training.precision],
        seed=training.seed,
        preprocessor=training.preprocessor,
        trust=training.trust,
        **problem,
    )
    note(
        f"{len(examples)} training examples"
        + (f", {len(validation)} for validation" if validation else "")
        + f" · {task.encoder.count_params():,} parameters · {training.out}"
    )
    history = task.fit(
        examples,
        validation_data=validation,
        run_dir=training.out,
        tensorboard=training.tensorboard,
        **training.settings,
    )
    if training.json:
        print_json(
            {
                "run": str(training.out),
                "history": history,
                "metrics": task.metrics,
            }
        )
        return
    if task.metrics:
        print_report(task.metrics, task.labels)
    note(f"The run lies in {training.out}: pictures in {training.out}/plots.")
