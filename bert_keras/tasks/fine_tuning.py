"""Fine-tuning a task: what happens around the training loop."""

import contextlib

import keras

from bert_keras.tasks import report
from bert_keras.tasks.folder import read_task, restore_weights
from bert_keras.training import (
    ProgressBar,
    RunFolder,
    TrainingData,
    TrainingSettings,
    ValidationLoss,
    train,
)

# Settings that do not change what a training ends with.
_FREE = ("save_seconds",)


def fine_tune(
    task,
    examples,
    *,
    validation,
    settings: TrainingSettings,
    run: RunFolder | None,
    callbacks,
    tensorboard: bool,
    progress: bool,
) -> list[dict]:
    """Trains a task; see `Task.fit` for the arguments.

    Everything that can be wrong with the data is found before the first step
    and before anything is written.
    """
    if settings.early_stopping and validation is None:
        raise ValueError(
            "Expected `validation_data` with early_stopping="
            f"{settings.early_stopping}, to tell which epoch is best."
        )
    data, measured = _learn(task, examples, validation)
    asked = _asked(task, settings) | {
        "examples": len(examples),
        "data_sha256": data.digest(),
        "validation_sha256": measured and measured.digest(),
    }
    if run is not None and run.begin(asked):
        restore_weights(run.path, task.network)
        task.trained = True
        found = read_task(run.path)
        task.metrics = found["metrics"]
        task.problem = type(task.problem)(**found["problem"])
        return run.read("history.json")
    with contextlib.ExitStack() as at_the_end:
        calls = [*callbacks, *_tensorboard(run, tensorboard)]
        if progress:
            calls.append(ProgressBar(settings.batch_size))
            at_the_end.callback(calls[-1].close)
        history = train(
            task.network,
            data,
            task.problem.loss,
            settings,
            evaluate=validation and _validator(task, validation, measured),
            monitor=task.problem.monitor,
            state_path=run and run.state,
            callbacks=calls,
        )
    task.trained = True
    answers = None
    if validation is not None:
        answers = _tuned_answers(task, validation)
        task.metrics = task.problem.measure(validation, answers)
    if run is not None:
        task.save(run.path)
        report.write(run, task, history, validation, answers)
        run.finish()
    return history


def _learn(
    task, examples, validation
) -> tuple[TrainingData, TrainingData | None]:
    before = task.problem
    task.problem = type(before)(**before.to_dict())
    try:
        task.problem.learn(examples)
        data, measured = (
            part and task.problem.training_data(part, task.preprocessor)
            for part in (examples, validation)
        )
    except ValueError:
        # The next attempt, with mended data, learns its own labels.
        task.problem = before
        raise
    return data, measured


def _tuned_answers(task, validation) -> dict:
    """Returns the answers once the problem has tuned what it can on them."""
    answers = task.answers(validation)
    tune = getattr(task.problem, "tune", None)
    if tune is None:
        return answers
    before = task.problem.to_dict()
    tune(validation, answers)
    if task.problem.to_dict() == before:
        return answers
    task.retrace()
    return task.answers(validation)


def _tensorboard(run, wanted: bool) -> list:
    if not wanted or run is None:
        return []
    return [
        keras.callbacks.TensorBoard(
            str(run.logs), write_graph=False, update_freq=20
        )
    ]


def _validator(task, validation, data: TrainingData):
    """Returns what measures the task after an epoch."""
    loss = ValidationLoss(task.network, task.problem.loss, data)

    def validate() -> dict[str, float]:
        found = task.problem.measure(validation, task.answers(validation))
        return {"val_loss": loss()} | {
            f"val_{name}": value
            for name, value in found.items()
            if isinstance(value, float)
        }

    return validate


def _asked(task, settings: TrainingSettings) -> dict:
    """Everything but the data that decides how a training goes."""
    return {
        "task": task.problem.kind,
        "handle": task.handle,
        "problem": task.problem.to_dict(),
        "max_length": task.preprocessor.max_length,
        "precision": task.encoder.dtype_policy.name,
        "head_seed": task.seed,
        "settings": {
            name: value
            for name, value in settings.to_dict().items()
            if name not in _FREE
        },
    }
