"""`bert-keras train together PLAN`: several tasks on one encoder."""

import dataclasses
import inspect
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.output import (
    note,
    print_json,
    print_long_texts,
    print_report,
)
from bert_keras.cli.train import build, reader
from bert_keras.cli.training_options import Asked, Schedule, TrainingOptions

_KEYS = ("task", "train", "dev", "max_length")


@dataclasses.dataclass(frozen=True)
class Planned:
    """A task of a plan.

    Attributes:
        asked: The task.
        train: Its training data, read.
        dev: Its validation data, read; `None` if there is none.
        max_length: Pieces of a row; `None` takes that of all.
    """

    asked: Asked
    train: object
    dev: object
    max_length: int | None


def together(
    plan: Annotated[
        Path,
        typer.Argument(
            help="TOML: a table for each task, with task, train, dev, and any "
            "argument of the task."
        ),
    ],
    sampling_exponent: Annotated[
        float,
        typer.Option(
            help="Turns of a task. 1: by its data's size. 0: all alike."
        ),
    ] = 1.0,
    monitor_task: Annotated[
        str | None,
        typer.Option(help="The task --patience looks at; else a mean."),
    ] = None,
    *,
    schedule: Schedule,
    training: TrainingOptions,
):
    """Train several tasks that share an encoder.

    Each becomes a task of its own, in OUT/NAME.
    """
    from bert_keras.experiments import fit_multi_task

    planned = read_plan(plan)
    tasks = _build(planned, training)
    note(
        " · ".join(f"{name}: {len(p.train)}" for name, p in planned.items())
        + f" training examples · {training.out}"
    )
    history = fit_multi_task(
        tasks,
        {name: task.train for name, task in planned.items()},
        validation_data={n: p.dev for n, p in planned.items() if p.dev},
        run_dir=training.out,
        sampling_exponent=sampling_exponent,
        monitor_task=monitor_task,
        tensorboard=training.tensorboard,
        **dataclasses.asdict(schedule),
        **training.settings,
    )
    metrics = {name: task.metrics for name, task in tasks.items()}
    if training.json:
        run = {"run": str(training.out), "history": history}
        long_texts = {name: task.long_texts for name, task in tasks.items()}
        print_json(run | {"metrics": metrics, "long_texts": long_texts})
        return
    for name, task in tasks.items():
        print_long_texts(f"{name}, training", task.long_texts)
        if task.metrics:
            typer.echo(f"\n{name}")
            print_report(task.metrics, task.labels)
    places = ", ".join(str(training.out / name) for name in tasks)
    note(f"The tasks lie in {places}. Pictures: {training.out}/plots.")


def read_plan(path: Path) -> dict[str, Planned]:
    """Reads a plan and the data that it names.

    Args:
        path: A TOML file.

    Raises:
        ValueError: If it is no such file, or has a key that nothing takes.
        DataError: If data is bad.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: Expected a TOML file. {error}") from error
    if len(tables) < 2:
        raise ValueError(
            f"{path}: Expected a table for each of two tasks or more, such as "
            f"[mood]. Received: {', '.join(tables) or 'none'}. One task is "
            "trained by `bert-keras train TASK`."
        )
    return {
        name: _planned(f"{path}: [{name}]", table)
        for name, table in tables.items()
    }


def _planned(place: str, table) -> Planned:
    from bert_keras.handles import close_to
    from bert_keras.tasks import TASKS

    if not isinstance(table, dict) or table.get("task") not in TASKS:
        raise ValueError(
            f'{place}: Expected task = "...", one of {", ".join(TASKS)}. '
            f"Received: {table!r}"
        )
    problem = TASKS[table["task"]].problem_class
    arguments = inspect.signature(problem).parameters
    known = {*_KEYS, *problem.columns, *arguments}
    if unknown := sorted(set(table) - known):
        raise ValueError(
            f"{place}: Expected keys among {', '.join(sorted(known))}. "
            f"Received: {', '.join(unknown)}.{close_to(unknown[0], [*known])}"
        )
    if "train" not in table:
        raise ValueError(f"{place}: Expected train, a file. Received: {table}")
    asked = Asked(
        table["task"],
        {name: table[name] for name in arguments if name in table},
        tuple(table.get(name) for name in problem.columns),
    )
    read = reader(asked)
    dev = read(table["dev"]) if "dev" in table else None
    return Planned(asked, read(table["train"]), dev, table.get("max_length"))


def _build(planned: dict[str, Planned], training: TrainingOptions) -> dict:
    """Builds the first task on the encoder, and the others beside it."""
    from bert_keras.tasks import TASKS

    tasks, first = {}, None
    for name, task in planned.items():
        longest = task.max_length or training.max_length
        if first is None:
            options = dataclasses.replace(training, max_length=longest)
            first = tasks[name] = build(task.asked, options)
        else:
            tasks[name] = TASKS[task.asked.kind].sharing_encoder(
                first, max_length=longest, **task.asked.problem
            )
    return tasks
