"""The options that the training of every task has, written down once.

A Typer command is a function whose parameters are its options. A function of
`task_options` has the options of one task. The function of a verb (train,
cross-validate, tune) takes any task, and groups of options: the dataclasses
below. `add_tasks` combines them into a command for each task, `with_groups`
makes a command of a verb that takes no single task.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from bert_keras.cli.options import Json, Trust

DATA = "TSV, CSV or JSONL file, pkg://package/file or tfds://name?split=train."


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Training and validation data."""

    train: Annotated[str, typer.Option(help=DATA)]
    dev: Annotated[
        str | None,
        typer.Option(help="Validation data, evaluated after each epoch."),
    ] = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Schedule:
    """The settings that a search varies unless told otherwise."""

    epochs: Annotated[
        int,
        typer.Option(min=1, help="Passes over the training data."),
    ] = 3
    batch_size: Annotated[
        int, typer.Option(min=1, help="Examples per update.")
    ] = 32
    learning_rate: Annotated[
        float,
        typer.Option(help="Peak learning rate, reached after the warm-up."),
    ] = 3e-5
    warmup_ratio: Annotated[
        float,
        typer.Option(
            help="Share of the steps in which the learning rate rises."
        ),
    ] = 0.1


@dataclasses.dataclass(frozen=True, kw_only=True)
class AugmentOptions:
    """Augmentation of the training data."""

    augment: Annotated[
        int,
        typer.Option(min=0, help="Altered copies to add per training text."),
    ] = 0
    augment_ways: Annotated[
        str, typer.Option(help="Comma-separated: delete, swap, mask, fill.")
    ] = "delete,swap"
    augment_model: Annotated[
        str | None,
        typer.Option(
            help="For fill: a trained masked-lm, or a handle with its head."
        ),
    ] = None

    def check(self, examples) -> None:
        """Raises `ValueError` unless examples can be altered in these ways."""
        from bert_keras.data import Augmentation
        from bert_keras.handles import resolve

        if not self.augment:
            return
        ways = tuple(self.augment_ways.split(","))
        # Its name stands for the model, which is only loaded to be used.
        model: Any = self.augment_model
        Augmentation(self.augment, ways, model=model).check(examples)
        if self.augment_model is not None:
            resolve(self.augment_model)

    def augmentation(self, seed: int):
        """Returns what alters examples; `None` without --augment."""
        from bert_keras.data import Augmentation

        if not self.augment:
            return None
        ways = tuple(self.augment_ways.split(","))
        return Augmentation(self.augment, ways, seed=seed, model=self._model())

    def _model(self):
        """Returns the masked language model, if one was named."""
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
    """What every verb that trains takes, for any task."""

    encoder: Annotated[
        str, typer.Option(help="Handle of a pretrained encoder.")
    ]
    out: Annotated[
        Path,
        typer.Option(help="Folder of the run. The same command resumes it."),
    ]
    weight_decay: Annotated[
        float,
        typer.Option(
            help="Decoupled weight decay (AdamW) of kernels and embeddings."
        ),
    ] = 0.01
    global_clipnorm: Annotated[
        float,
        typer.Option(help="Clip gradients to this global norm."),
    ] = 1.0
    gradient_accumulation_steps: Annotated[
        int,
        typer.Option(
            min=1,
            help="Compute each batch in this many slices, to save memory.",
        ),
    ] = 1
    patience: Annotated[
        int,
        typer.Option(
            help="Stop after this many epochs without improvement; 0: never."
        ),
    ] = 0
    max_length: Annotated[
        int | None,
        typer.Option(
            help="Maximum tokens per sequence; default: 128, for qa 384."
        ),
    ] = None
    precision: Annotated[str, typer.Option(help="float32 or bfloat16.")] = (
        "float32"
    )
    seed: Annotated[
        int, typer.Option(help="Random seed. Runs on CPU repeat bit for bit.")
    ] = 42
    tensorboard: Annotated[
        bool, typer.Option(help="Write TensorBoard logs to OUT/logs.")
    ] = False
    preprocessor: Annotated[
        str | None,
        typer.Option(
            help="Handle of the preprocessor; default: the encoder's."
        ),
    ] = None
    trust: Trust = False
    json: Json = False

    @property
    def settings(self) -> dict:
        """Arguments of `bert_keras.settings.TrainingSettings`."""
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
    """Makes a command of a verb: groups become their options."""
    parameters = list(inspect.signature(verb).parameters.values())

    def command(**given):
        return verb(**_gathered(parameters, given))

    return _presented(command, verb, _spread(parameters))


def _command(task: Callable, verb: Callable) -> Callable:
    _, *shared = inspect.signature(verb).parameters.values()
    own = inspect.signature(task).parameters

    def command(**given):
        options = task(**{name: given.pop(name) for name in own})
        return verb(options, **_gathered(shared, given))

    parameters = [*_spread(shared), *map(_named, own.values())]
    return _presented(command, task, parameters)


def _presented(
    command: Any, like: Callable, parameters: list[inspect.Parameter]
) -> Callable:
    """Gives a command a function's name and help, and parameters."""
    functools.update_wrapper(command, like)
    command.__signature__ = inspect.Signature(parameters)
    return command


def _spread(parameters: Iterable) -> list[inspect.Parameter]:
    """Returns parameters, each group replaced by those of its fields."""
    options = []
    for parameter in parameters:
        group = parameter.annotation
        if isinstance(group, type) and dataclasses.is_dataclass(group):
            options += inspect.signature(group).parameters.values()
        else:
            options.append(parameter)
    return [_named(option) for option in options]


def _gathered(parameters: Iterable, given: dict) -> dict:
    """Returns arguments, those of a group's fields made into the group."""
    arguments = {}
    for parameter in parameters:
        group = parameter.annotation
        if isinstance(group, type) and dataclasses.is_dataclass(group):
            names = [field.name for field in dataclasses.fields(group)]
            value = group(**{name: given[name] for name in names})
        else:
            value = given[parameter.name]
        arguments[parameter.name] = value
    return arguments


def _named(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
