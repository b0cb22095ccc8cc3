"""`bert-keras train TASK`: fine-tune, report, resume."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Annotated

import typer

from bert_keras.cli.masked_lm import masked_lm
from bert_keras.cli.options import (
    BadRows,
    LabelColumn,
    TextBColumn,
    TextColumn,
)
from bert_keras.cli.output import (
    note,
    print_json,
    print_long_texts,
    print_report,
)
from bert_keras.cli.training_options import (
    Asked,
    AugmentOptions,
    DataOptions,
    Schedule,
    TrainingOptions,
    add_tasks,
)

Pooling = Annotated[str, typer.Option(help="cls, mean or max.")]
Windows = Annotated[
    str,
    typer.Option(
        help="Texts longer than a row: first cuts them; mean, max or "
        "attention read all by windows and pool their vectors."
    ),
]
Stride = Annotated[
    int | None,
    typer.Option(help="Pieces between windows; side by side if absent."),
]
MaxWindows = Annotated[
    int | None,
    typer.Option(help="Windows of a text; the rest is cut. No limit."),
]
_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def classifier(
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
    windows: Windows = "first",
    stride: Stride = None,
    max_windows: MaxWindows = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train a classifier: texts or pairs, one label or several."""
    problem = {
        "labels": None if labels is None else labels.split(","),
        "multi_label": multi_label,
        "balance": balance,
        "label_smoothing": label_smoothing,
        "pooling": pooling,
        "windows": windows,
        "stride": stride,
        "max_windows": max_windows,
    }
    columns = (text_column, text_b_column, label_column)
    return Asked("classifier", problem, columns)


def regressor(
    pooling: Pooling = "cls",
    windows: Windows = "first",
    stride: Stride = None,
    max_windows: MaxWindows = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train a regressor: a number for a text or a pair of texts."""
    problem = {
        "pooling": pooling,
        "windows": windows,
        "stride": stride,
        "max_windows": max_windows,
    }
    columns = (text_column, text_b_column, label_column)
    return Asked("regressor", problem, columns)


def tagger(
    labels: Annotated[
        str | None,
        typer.Option(help="Comma-separated; learned from the data if absent."),
    ] = None,
    crf: Annotated[
        bool,
        typer.Option("--crf", help="Learn which tag follows which as well."),
    ] = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
):
    """Train a tagger: names in a text, or the roles of a predicate."""
    problem = {
        "labels": None if labels is None else labels.split(","),
        "crf": crf,
    }
    return Asked("tagger", problem, (text_column, label_column, bad_rows))


def embedder(
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
    windows: Windows = "first",
    stride: Stride = None,
    max_windows: MaxWindows = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train an embedder: like texts get vectors that are near."""
    problem = {
        "objective": objective,
        "windows": windows,
        "stride": stride,
        "max_windows": max_windows,
    }
    if pooling is not None:
        problem["pooling"] = pooling
    columns = (text_column, text_b_column, label_column)
    return Asked("embedder", problem, columns)


def qa(
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
    max_query_length: Annotated[
        int, typer.Option(help="Pieces of a question; the rest is cut.")
    ] = 64,
    max_answer_length: Annotated[
        int, typer.Option(help="Pieces of an answer at most.")
    ] = 30,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
):
    """Train a question answerer: answers are cut from a text.

    The text may be of any length; a window has --max-length 384 pieces.
    Columns: --text-column the question, --text-b-column the context,
    --label-column the answers.
    """
    problem = {
        "threshold": threshold,
        "stride": stride,
        "max_query_length": max_query_length,
        "max_answer_length": max_answer_length,
    }
    columns = (text_column, text_b_column, label_column, bad_rows)
    return Asked("qa", problem, columns)


TASKS = (classifier, regressor, tagger, embedder, qa, masked_lm)


def run(
    asked: Asked,
    data: DataOptions,
    schedule: Schedule,
    copies: AugmentOptions,
    training: TrainingOptions,
) -> None:
    """Trains a task and reports."""
    # Read before the encoder is loaded: whoever mistyped a file name learns
    # it at once.
    read = reader(asked)
    examples = read(data.train)
    validation = data.dev and read(data.dev)
    augment = copies.augmentation(training.seed, examples)
    task = build(asked, training)
    note(
        f"{len(examples)} training example{'s' * (len(examples) != 1)}"
        + (f", {len(validation)} for validation" if validation else "")
        + f" · {task.encoder.count_params():,} parameters · {training.out}"
    )
    history = task.fit(
        examples,
        validation_data=validation,
        run_dir=training.out,
        augment=augment,
        tensorboard=training.tensorboard,
        **dataclasses.asdict(schedule),
        **training.settings,
    )
    if training.json:
        print_json(
            {
                "run": str(training.out),
                "history": history,
                "metrics": task.metrics,
                "long_texts": task.long_texts,
            }
        )
        return
    print_long_texts("training", task.long_texts)
    if task.metrics:
        print_report(task.metrics, task.labels)
    note(f"The run lies in {training.out}: pictures in {training.out}/plots.")


def reader(asked: Asked) -> Callable:
    """Returns what reads a source for a task; its options are right then."""
    from bert_keras.tasks import TASKS

    problem = TASKS[asked.kind].problem_class(**asked.problem)
    columns = dict(zip(problem.columns, asked.columns, strict=True))
    return functools.partial(problem.read, **columns)


def build(asked: Asked, training: TrainingOptions):
    """Builds a task on the encoder that was named."""
    from bert_keras.checkpoints import read_checkpoint
    from bert_keras.tasks import TASKS

    if training.precision not in _POLICIES:
        raise ValueError(
            f"Expected --precision {' or '.join(_POLICIES)}. "
            f"Received: {training.precision!r}"
        )
    contents = read_checkpoint(training.encoder)
    if "pooling" in asked.problem:
        _hint_at_pooling(training.encoder, contents, asked.problem["pooling"])
    return TASKS[asked.kind].from_contents(
        contents,
        handle=training.encoder,
        max_length=training.max_length,
        dtype=_POLICIES[training.precision],
        seed=training.seed,
        preprocessor=training.preprocessor,
        trust=training.trust,
        **asked.problem,
    )


def _hint_at_pooling(encoder: str, contents, chosen: str) -> None:
    """Says so if an encoder's files name another pooling than the chosen."""
    sentence = contents.sentence
    if sentence is not None and sentence.pooling not in (chosen, None):
        note(
            f"Hint: {encoder} was trained with pooling {sentence.pooling}; "
            f"here it is {chosen}. Try --pooling {sentence.pooling}."
        )


train = typer.Typer(no_args_is_help=True)
add_tasks(train, TASKS, run)
