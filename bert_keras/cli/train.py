"""`bert-keras train TASK`: fine-tune, report, resume."""

from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.options import Json, LabelColumn, TextBColumn, TextColumn
from bert_keras.cli.output import note, print_json, print_report

train = typer.Typer(no_args_is_help=True)

_DATA = "TSV, CSV or JSONL file, pkg://package/file or tfds://name?split=train."
Encoder = Annotated[str, typer.Option(help="Handle of a pretrained encoder.")]
Train = Annotated[str, typer.Option(help=_DATA)]
Dev = Annotated[
    str | None, typer.Option(help="The same, measured after each epoch.")
]
Out = Annotated[
    Path,
    typer.Option(help="Folder of the run. The same command again resumes it."),
]
Epochs = Annotated[
    int, typer.Option(min=1, help="Times the training data is gone through.")
]
BatchSize = Annotated[int, typer.Option(min=1, help="Examples of an update.")]
LearningRate = Annotated[
    float, typer.Option(help="At its peak, after the warm-up.")
]
Warmup = Annotated[
    float, typer.Option(help="Share of all steps in which the rate rises.")
]
WeightDecay = Annotated[float, typer.Option(help="Of kernels and tables.")]
Accumulation = Annotated[
    int, typer.Option(min=1, help="Slices of a batch; saves memory.")
]
MaxLength = Annotated[int | None, typer.Option(help="Pieces of a row; 128.")]
EarlyStopping = Annotated[
    int, typer.Option(help="Epochs without gain before the end; 0: never.")
]
Precision = Annotated[str, typer.Option(help="float32 or bfloat16.")]
Pooling = Annotated[str, typer.Option(help="cls, mean or max.")]
Seed = Annotated[int, typer.Option(help="CPU runs repeat bit for bit.")]
TensorBoard = Annotated[bool, typer.Option(help="Write logs into OUT/logs.")]
_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


@train.command()
def classifier(
    encoder: Encoder,
    train: Train,
    out: Out,
    dev: Dev = None,
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
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
    epochs: Epochs = 3,
    batch_size: BatchSize = 32,
    learning_rate: LearningRate = 3e-5,
    warmup: Warmup = 0.1,
    weight_decay: WeightDecay = 0.01,
    accumulation: Accumulation = 1,
    early_stopping: EarlyStopping = 0,
    max_length: MaxLength = None,
    precision: Precision = "float32",
    pooling: Pooling = "cls",
    seed: Seed = 42,
    tensorboard: TensorBoard = False,
    json: Json = False,
):
    """Train a classifier: single texts or pairs, one label or several."""
    problem = {
        "labels": None if labels is None else labels.split(","),
        "multi_label": multi_label,
        "balance": balance,
        "label_smoothing": label_smoothing,
        "pooling": pooling,
    }
    _train("classifier", problem, **_shared(locals()))


@train.command()
def regressor(
    encoder: Encoder,
    train: Train,
    out: Out,
    dev: Dev = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
    epochs: Epochs = 3,
    batch_size: BatchSize = 32,
    learning_rate: LearningRate = 3e-5,
    warmup: Warmup = 0.1,
    weight_decay: WeightDecay = 0.01,
    accumulation: Accumulation = 1,
    early_stopping: EarlyStopping = 0,
    max_length: MaxLength = None,
    precision: Precision = "float32",
    pooling: Pooling = "cls",
    seed: Seed = 42,
    tensorboard: TensorBoard = False,
    json: Json = False,
):
    """Train a regressor: a number for a text or a pair of texts."""
    _train("regressor", {"pooling": pooling}, **_shared(locals()))


_SETTINGS = (
    "epochs",
    "batch_size",
    "learning_rate",
    "warmup",
    "weight_decay",
    "accumulation",
    "early_stopping",
    "seed",
)


def _shared(given: dict) -> dict:
    """Sorts the options that all tasks have by who takes them."""
    names = ("encoder", "train", "dev", "out", "max_length", "precision")
    return {name: given[name] for name in names} | {
        "columns": {
            "text": given["text_column"],
            "text_b": given["text_b_column"],
            "label": given["label_column"],
        },
        "settings": {name: given[name] for name in _SETTINGS},
        "tensorboard": given["tensorboard"],
        "json": given["json"],
    }


def _train(
    kind,
    problem,
    *,
    encoder,
    train,
    dev,
    out,
    max_length,
    precision,
    columns,
    settings,
    tensorboard,
    json,
):
    from bert_keras.data import read_examples
    from bert_keras.tasks import TASKS

    if precision not in _POLICIES:
        raise ValueError(
            f"Expected --precision {' or '.join(_POLICIES)}. "
            f"Received: {precision!r}"
        )
    # Read before the encoder is loaded: whoever mistyped a file name learns
    # it at once.
    examples = read_examples(train, **columns)
    validation = dev and read_examples(dev, **columns)
    task = TASKS[kind].from_handle(
        encoder,
        max_length=max_length,
        dtype=_POLICIES[precision],
        seed=settings["seed"],
        **problem,
    )
    note(
        f"{len(examples)} training examples"
        + (f", {len(validation)} for validation" if dev else "")
        + f" · {task.encoder.count_params():,} parameters · {out}"
    )
    history = task.fit(
        examples,
        validation_data=validation,
        run_dir=out,
        tensorboard=tensorboard,
        **settings,
    )
    if json:
        print_json(
            {"run": str(out), "history": history, "metrics": task.metrics}
        )
        return
    if task.metrics:
        print_report(task.metrics, task.labels)
    note(f"The run lies in {out}: pictures in {out / 'plots'}.")
