"""`bert-keras tune TASK`: search for the settings that train a task best."""

import shlex
import sys
from typing import Annotated

import typer

from bert_keras.cli.checks import check_encoder, check_settings, read_data
from bert_keras.cli.groups import add_tasks
from bert_keras.cli.output import note, print_json, print_table
from bert_keras.cli.task_options import TASKS, TaskOptions
from bert_keras.cli.train import build
from bert_keras.cli.training_options import (
    AugmentOptions,
    DataOptions,
    TrainingOptions,
)
from bert_keras.printable import printable

_SPACE = (
    "What to search, such as learning_rate=1e-5:1e-4, batch_size=16,32, "
    "pooling=cls,mean or epochs=3; may be repeated. Default: learning rate, "
    "epochs and batch size."
)
# Options of a search that a training does not have.
_OWN = ("--trials", "--seconds", "--space", "--out")


def run(
    options: TaskOptions,
    data: DataOptions,
    trials: Annotated[
        int,
        typer.Option(
            min=1, help="Trials in total, with those of earlier runs."
        ),
    ] = 20,
    seconds: Annotated[
        float | None,
        typer.Option(help="Start no trial after this many seconds."),
    ] = None,
    space: Annotated[list[str] | None, typer.Option(help=_SPACE)] = None,
    *,
    augmenting: AugmentOptions,
    training: TrainingOptions,
) -> None:
    """Searches and reports."""
    from bert_keras.task_specs import check_space, require_optuna

    check_settings(training, validated=True)
    try:
        require_optuna()
    except ImportError as error:
        raise ValueError(str(error)) from error
    searched = read_space(space or [])
    check_space(searched, options.spec())
    if data.dev is None:
        raise ValueError(
            "Expected --dev: trials are compared on validation data."
        )
    examples, validation = read_data(options, data.train, data.dev)
    augmenting.check(examples)
    check_encoder(training, options)
    from bert_keras import experiments

    augment = augmenting.augmentation(training.seed)
    results = experiments.tune(
        build(options, training),
        examples,
        validation_data=validation,
        run_dir=training.out,
        trials=trials,
        seconds=seconds,
        space=searched,
        augment=augment,
        tensorboard=training.tensorboard,
        **training.settings,
    )
    best = results["best"]
    command = best and best_command(best["settings"])
    if training.json:
        run = {"run": str(training.out)}
        print_json(run | results | {"command": command})
        return
    _print_table(results)
    if best is None:
        note(
            "No trial was completed. Try more --trials or --seconds, or "
            "another --space."
        )
        return
    note(
        f"Saved the best task to {training.out}/best. To repeat its training:\n"
        f"{command}"
    )


def read_space(given: list[str]) -> dict:
    """Reads what to search from the command line.

    Example:
        >>> read_space(["learning-rate=1e-5:1e-4", "batch_size=16,32"])
        {'learning_rate': (1e-05, 0.0001), 'batch_size': [16, 32]}
        >>> read_space(["pooling=cls,mean", "epochs=3"])
        {'pooling': ['cls', 'mean'], 'epochs': 3}
        >>> read_space(["crf=true,false"])
        {'crf': [True, False]}
    """
    space = {}
    for item in given:
        name, equals, values = item.partition("=")
        if not (name and equals and values):
            raise ValueError(
                "Expected --space NAME=LOW:HIGH, NAME=ONE,OTHER or NAME=VALUE. "
                f"Received: {item!r}"
            )
        if ":" in values:
            value = tuple(map(_value, values.split(":")))
        elif "," in values:
            value = list(map(_value, values.split(",")))
        else:
            value = _value(values)
        space[name.strip().replace("-", "_")] = value
    return space


def _value(text: str):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    text = text.strip()
    return {"true": True, "false": False}.get(text.lower(), text)


def best_command(settings: dict) -> str:
    """Returns the command that trains with some settings, as text.

    It is the command that was typed, without the options of a search.
    """
    kept, words = [], iter(sys.argv[1:])
    searched = {_option(name) for name in settings}
    for word in words:
        option, equals, _ = word.partition("=")
        if word == "tune" and not kept:
            kept.append("train")
        elif option in (*_OWN, *searched):
            if not equals:
                next(words, None)
        elif word != "--json":
            kept.append(word)
    for name, value in settings.items():
        if value is not False:
            kept.append(_option(name))
        if not isinstance(value, bool):
            kept.append(str(value))
    return shlex.join(["bert-keras", *kept, "--out", "runs/best"])


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _print_table(results: dict) -> None:
    import rich.table

    from bert_keras.metrics import words

    names = list(results["trials"][0]["settings"]) if results["trials"] else []
    table = rich.table.Table(
        "trial", words(results["metric"]), *map(words, names), "seconds"
    )
    for column in table.columns:
        column.justify = "right"
    if any(row["state"] != "complete" for row in results["trials"]):
        table.add_column("state")
    for row in results["trials"]:
        numbers = [row["score"], *row["settings"].values(), row["seconds"]]
        cells = [_cell(number) for number in numbers]
        state = "" if row["state"] == "complete" else row["state"]
        cells = [str(row["trial"]), *cells, state]
        table.add_row(*cells[: len(table.columns)])
    print_table(table)


def _cell(value) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else printable(value)


tune = typer.Typer(no_args_is_help=True)
add_tasks(tune, TASKS, run)
