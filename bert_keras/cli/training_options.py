"""The options that the training of every task has, written down once.

A Typer command is a function whose parameters are its options. The function
of a task names the options of that task; that of a verb (train, cross-validate,
tune) says what it does with any task, and which groups of options it takes.
`add_tasks` makes a command of each task for a verb, `with_groups` one of a
verb that is asked for no one task.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.options import Json, Trust

DATA = "TSV, CSV or JSONL file, pkg://package/file or tfds://name?split=train."


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataOptions:
    """What is learned from, and measured on."""

    train: Annotated[str, typer.Option(help=DATA)]
    dev: Annotated[
        str | None, typer.Option(help="The same, measured after each epoch.")
    ] = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Schedule:
    """The settings that are searched for first."""

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
    warmup_ratio: Annotated[
        float, typer.Option(help="Share of all steps in which the rate rises.")
    ] = 0.1


@dataclasses.dataclass(frozen=True, kw_only=True)
class AugmentOptions:
    """Altered copies of the training data."""

    augment: Annotated[
        int, typer.Option(min=0, help="Altered copies of each training text.")
    ] = 0
    augment_ways: Annotated[
        str, typer.Option(help="Comma-separated: delete, swap, mask, fill.")
    ] = "delete,swap"
    augment_model: Annotated[
        str | None,
        typer.Option(help="For fill: run of a masked-lm, or such a handle."),
    ] = None

    def check(self, examples) -> None:
        """Raises `ValueError` unless examples can be altered in these ways."""
        from bert_keras.data import Augmentation
        from bert_keras.handles import resolve

        if not self.augment:
            return
        ways = tuple(self.augment_ways.split(","))
        Augmentation(self.augment, ways, model=self.augment_model).check(
            examples
        )
        if self.augment_model is not None:
            resolve(self.augment_model)

    def augmentation(self, seed: int):
        """Returns what alters examples; `None` if it was not asked for."""
        from bert_keras.data import Augmentation

        if not self.augment:
            return None
        ways = tuple(self.augment_ways.split(","))
        return Augmentation(self.augment, ways, seed=seed, model=self._model())

    def _model(self):
        """Returns what guesses words; `None` if nothing was named."""
        if self.augment_model is None:
            return None
        from bert_keras.tasks import MaskedLanguageModel, load_task

        model = load_task(self.augment_model)
        if not isinstance(model, MaskedLanguageModel):
            raise ValueError(
                "Expected --augment-model to be a masked-lm. Received: "
                f"{self.augment_model}, a {model.problem.kind}. Train one with "
                "`bert-keras train masked-lm`."
            )
        return model


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """What every verb that trains takes, whatever the task."""

    encoder: Annotated[
        str, typer.Option(help="Handle of a pretrained encoder.")
    ]
    out: Annotated[
        Path,
        typer.Option(
            help="Folder of the run. The same command again resumes it."
        ),
    ]
    weight_decay: Annotated[
        float,
        typer.Option(help="Decoupled decay of kernels and tables (AdamW)."),
    ] = 0.01
    global_clipnorm: Annotated[
        float, typer.Option(help="Longer gradients are shortened to this.")
    ] = 1.0
    gradient_accumulation_steps: Annotated[
        int,
        typer.Option(
            min=1,
            help="Work a batch through in this many slices; saves memory.",
        ),
    ] = 1
    patience: Annotated[
        int, typer.Option(help="Epochs without gain before the end; 0: never.")
    ] = 0
    max_length: Annotated[
        int | None,
        typer.Option(help="Longest text in word pieces; 128, of qa 384."),
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
            "weight_decay",
            "global_clipnorm",
            "gradient_accumulation_steps",
            "patience",
            "seed",
        )
        return {name: getattr(self, name) for name in names}


def add_tasks(
    app: typer.Typer, tasks: Iterable[Callable], verb: Callable
) -> None:
    """Adds a command for each task.

    Args:
        app: The verb on the command line.
        tasks: Functions from the options of a task to `TaskOptions`.
        verb: Takes `TaskOptions`, and options or groups of them.
    """
    for task in tasks:
        app.command()(_command(task, verb))


def with_groups(verb: Callable) -> Callable:
    """Spreads the groups of options that a verb takes."""
    parameters = list(inspect.signature(verb).parameters.values())

    @functools.wraps(verb)
    def command(**given):
        return verb(**_gathered(parameters, given))

    command.__signature__ = inspect.Signature(_spread(parameters))
    return command


def _command(task: Callable, verb: Callable) -> Callable:
    _, *shared = inspect.signature(verb).parameters.values()
    own = inspect.signature(task).parameters

    @functools.wraps(task)
    def command(**given):
        options = task(**{name: given.pop(name) for name in own})
        return verb(options, **_gathered(shared, given))

    command.__signature__ = inspect.Signature(
        [*_spread(shared), *map(_named, own.values())]
    )
    return command


def _spread(parameters: Iterable) -> list[inspect.Parameter]:
    """Returns parameters with those of each group in the group's place."""
    return [
        _named(option)
        for parameter in parameters
        for option in (
            inspect.signature(parameter.annotation).parameters.values()
            if dataclasses.is_dataclass(parameter.annotation)
            else [parameter]
        )
    ]


def _gathered(parameters: Iterable, given: dict) -> dict:
    """Returns arguments with those of each group put into the group."""
    arguments = {}
    for parameter in parameters:
        group = parameter.annotation
        if dataclasses.is_dataclass(group):
            names = [field.name for field in dataclasses.fields(group)]
            value = group(**{name: given[name] for name in names})
        else:
            value = given[parameter.name]
        arguments[parameter.name] = value
    return arguments


def _named(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
