"""`bert-keras train multi-task PLAN`: several tasks on one encoder."""

import dataclasses
import inspect
import tomllib
from collections.abc import Sized
from pathlib import Path
from typing import Annotated

import typer

from bert_keras.cli.checks import check_encoder, check_settings, read_data
from bert_keras.cli.output import (
    note,
    print_json,
    print_line,
    print_long_texts,
    print_report,
)
from bert_keras.cli.task_options import TaskOptions
from bert_keras.cli.train import build
from bert_keras.cli.training_options import Schedule, TrainingOptions

_KEYS = ("task", "train", "dev", "max_length")


@dataclasses.dataclass(frozen=True)
class PlannedTask:
    """A task of a plan.

    Attributes:
        options: The task and its own options.
        train: Its training data, read.
        dev: Its validation data, read; `None` if there is none.
        max_length: Tokens of a sequence; `None` takes that of all tasks.
    """

    options: TaskOptions
    train: Sized
    dev: Sized | None
    max_length: int | None


def multi_task(
    plan: Annotated[
        Path,
        typer.Argument(
            help="TOML file: a table for each task, with task, train, dev, "
            "and any option of the task."
        ),
    ],
    sampling_exponent: Annotated[
        float,
        typer.Option(
            help="How often a task is drawn. 1: in proportion to its data. "
            "0: all tasks equally often."
        ),
    ] = 1.0,
    monitor_task: Annotated[
        str | None,
        typer.Option(
            help="Task that --patience monitors; default: the mean of all "
            "tasks."
        ),
    ] = None,
    *,
    schedule: Schedule,
    training: TrainingOptions,
):
    """Train several tasks that share an encoder.

    Each becomes a task of its own, in OUT/NAME.
    """
    from bert_keras.task_specs import check_multi_task

    planned = read_plan(plan)
    validation = {n: p.dev for n, p in planned.items() if p.dev}
    check_multi_task(
        planned,
        validation,
        sampling_exponent=sampling_exponent,
        monitor_task=monitor_task,
    )
    check_settings(
        training,
        validated=bool(validation),
        **dataclasses.asdict(schedule),
    )
    tasks = _build(planned, training)
    note(
        " · ".join(f"{name}: {len(p.train)}" for name, p in planned.items())
        + f" training examples · {training.out}"
    )
    from bert_keras.experiments import fit_multi_task

    history = fit_multi_task(
        tasks,
        {name: task.train for name, task in planned.items()},
        validation_data=validation,
        run_dir=training.out,
        sampling_exponent=sampling_exponent,
        monitor_task=monitor_task,
        tensorboard=training.tensorboard,
        **dataclasses.asdict(schedule),
        **training.settings,
    )
    metrics = {name: task.metrics for name, task in tasks.items()}
    if training.json:
        run = {"run": str(training.out), "history": list(history)}
        long_texts = {name: task.long_texts for name, task in tasks.items()}
        print_json(run | {"metrics": metrics, "long_texts": long_texts})
        return
    for name, task in tasks.items():
        print_long_texts(f"{name}, training", task.long_texts)
        if task.metrics:
            print_line()
            print_line(name)
            print_report(task.metrics, task.labels)
    folders = ", ".join(str(training.out / name) for name in tasks)
    note(f"Saved the tasks to {folders}, figures to {training.out}/plots.")


def read_plan(path: Path) -> dict[str, PlannedTask]:
    """Reads a plan and the data that it names.

    Args:
        path: A TOML file.

    Raises:
        ValueError: If it is no such file, or has an unknown key.
        DataError: If data is bad.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: Expected a TOML file. {error}") from error
    if len(tables) < 2:
        raise ValueError(
            f"{path}: Expected a table for each of two tasks or more, such as "
            f"[mood]. Received: {', '.join(tables) or 'none'}. To train one "
            "task, use `bert-keras train TASK`."
        )
    return {
        name: _planned(f"{path}: [{name}]", table)
        for name, table in tables.items()
    }


def _planned(place: str, table) -> PlannedTask:
    from bert_keras.handles import close_to
    from bert_keras.task_specs import SPECS

    if not isinstance(table, dict) or table.get("task") not in SPECS:
        raise ValueError(
            f'{place}: Expected task = "...", one of {", ".join(SPECS)}. '
            f"Received: {table!r}"
        )
    spec = SPECS[table["task"]]
    options = inspect.signature(spec).parameters
    known = {*_KEYS, *spec.columns, *options}
    if unknown := sorted(set(table) - known):
        raise ValueError(
            f"{place}: Expected keys among {', '.join(sorted(known))}. "
            f"Received: {', '.join(unknown)}.{close_to(unknown[0], [*known])}"
        )
    if "train" not in table:
        raise ValueError(f"{place}: Expected train, a file. Received: {table}")
    task = TaskOptions(
        table["task"],
        {name: table[name] for name in options if name in table},
        {name: table.get(name) for name in spec.columns},
    )
    train, dev = read_data(task, table["train"], table.get("dev"))
    return PlannedTask(task, train, dev, table.get("max_length"))


def _build(planned: dict[str, PlannedTask], training: TrainingOptions) -> dict:
    """Builds the first task, and the others on the same encoder."""
    for task in planned.values():
        check_encoder(training, task.options)
    from bert_keras.tasks import TASKS

    tasks, first = {}, None
    for name, task in planned.items():
        max_length = task.max_length or training.max_length
        if first is None:
            own = dataclasses.replace(training, max_length=max_length)
            first = tasks[name] = build(task.options, own)
        else:
            tasks[name] = TASKS[task.options.kind].sharing_encoder(
                first, max_length=max_length, **task.options.arguments
            )
    return tasks
