"""The options that the training of every task has, written down once.

A Typer command is a function whose parameters are its options.
`with_training_options` gives a task's function, which names its own options,
the shared ones as well.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.options import Json, Trust

DATA = "TSV, CSV or JSONL file, pkg://package/file or tfds://name?split=train."

_OWN = "training"  # the parameter that receives the shared options


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """What `bert-keras train` takes, whatever the task."""

    encoder: Annotated[
        str, typer.Option(help="Handle of a pretrained encoder.")
    ]
    train: Annotated[str, typer.Option(help=DATA)]
    out: Annotated[
        Path,
        typer.Option(
            help="Folder of the run. The same command again resumes it."
        ),
    ]
    dev: Annotated[
        str | None, typer.Option(help="The same, measured after each epoch.")
    ] = None
    epochs: Annotated[
        int,
        typer.Option(min=1, help="Times the training data is gone through."),
    ] = 3
    batch_size: Annotated[
        int, typer.Option(min=1, help="Examples of an update.")
    ] = 32
    learning_rate: Annotated[
        float, typer.Option(help="At its peak, after the warm-up.")
    ] = 3e-5
    warmup: Annotated[
        float, typer.Option(help="Share of all steps in which the rate rises.")
    ] = 0.1
    weight_decay: Annotated[
        float, typer.Option(help="Of kernels and tables.")
    ] = 0.01
    clip_norm: Annotated[
        float, typer.Option(help="Longer gradients are shortened to this.")
    ] = 1.0
    accumulation: Annotated[
        int, typer.Option(min=1, help="Slices of a batch; saves memory.")
    ] = 1
    early_stopping: Annotated[
        int, typer.Option(help="Epochs without gain before the end; 0: never.")
    ] = 0
    max_length: Annotated[
        int | None, typer.Option(help="Pieces of a row; 128, of qa 384.")
    ] = None
    precision: Annotated[str, typer.Option(help="float32 or bfloat16.")] = (
        "float32"
    )
    seed: Annotated[int, typer.Option(help="CPU runs repeat bit for bit.")] = 42
    tensorboard: Annotated[
        bool, typer.Option(help="Write logs into OUT/logs.")
    ] = False
    preprocessor: Annotated[
        str | None,
        typer.Option(help="Handle of the preprocessor; else the encoder's."),
    ] = None
    trust: Trust = False
    json: Json = False

    @property
    def settings(self) -> dict:
        """Those of `bert_keras.training.TrainingSettings`."""
        names = (
            "epochs",
            "batch_size",
            "learning_rate",
            "warmup",
            "weight_decay",
            "clip_norm",
            "accumulation",
            "early_stopping",
            "seed",
        )
        return {name: getattr(self, name) for name in names}


def with_training_options(task: Callable) -> Callable:
    """Adds the shared options to those of a task's command.

    Args:
        task: A function with a parameter `training`, which receives
            `TrainingOptions`, and options of its own after it.
    """
    shared = inspect.signature(TrainingOptions).parameters.values()
    own = [
        parameter
        for parameter in inspect.signature(task).parameters.values()
        if parameter.name != _OWN
    ]

    @functools.wraps(task)
    def command(**given):
        mine = {parameter.name: given.pop(parameter.name) for parameter in own}
        return task(TrainingOptions(**given), **mine)

    command.__signature__ = inspect.Signature(
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in (*shared, *own)
    )
    return command
