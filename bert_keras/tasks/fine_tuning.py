"""Fine-tuning a task: what happens around the training loop."""

import contextlib
import hashlib

import keras
import numpy as np

from bert_keras.data import Examples
from bert_keras.tasks import report
from bert_keras.tasks.folder import read_task, restore_weights
from bert_keras.training import (
    ProgressBar,
    Rows,
    RunFolder,
    TrainingData,
    TrainingSettings,
    train,
)

# Settings that do not change what a training ends with.
_FREE = ("save_seconds",)


def fine_tune(
    task,
    examples: Examples,
    *,
    validation: Examples | None,
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
    _learn(task, examples, validation)
    targets = task.problem.targets(examples)
    data = TrainingData(
        task.rows(examples), targets, *task.problem.weighting(targets)
    )
    measured = validation and task.rows(validation)
    asked = _asked(task, settings) | {
        "examples": len(data.rows),
        "data_sha256": _digest(data.rows, data.targets),
        "validation_sha256": validation
        and _digest(measured, task.problem.targets(validation)),
    }
    if run is not None and run.begin(asked):
        restore_weights(run.path, task.network)
        task.metrics = read_task(run.path)["metrics"]
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
    answers = None
    if validation is not None:
        answers = task.answers(measured)
        task.metrics = task.problem.measure(validation, answers)
    if run is not None:
        task.save(run.path)
        report.write(run, task, history, validation, answers)
        run.finish()
    return history


def _learn(task, examples: Examples, validation: Examples | None) -> None:
    before = task.problem, task.pair
    task.problem = type(task.problem)(**task.problem.to_dict())
    try:
        task.problem.learn(examples)
        if task.pair is None:
            task.pair = examples.texts_b is not None
        for part in (examples, validation):
            if part is not None:
                task.check_pair(part)
                task.problem.targets(part)
    except ValueError:
        # The next attempt, with mended data, learns its own labels.
        task.problem, task.pair = before
        raise


def _tensorboard(run, wanted: bool) -> list:
    if not wanted or run is None:
        return []
    return [
        keras.callbacks.TensorBoard(
            str(run.logs), write_graph=False, update_freq=20
        )
    ]


def _validator(task, validation: Examples, rows: Rows):
    """Returns what measures the task after an epoch."""
    targets = task.problem.targets(validation)

    def validate() -> dict[str, float]:
        logits = task.logits(rows)
        found = task.problem.measure(validation, task.decode(logits))
        loss = np.mean(task.problem.loss(targets, logits))
        return {"val_loss": float(loss)} | {
            f"val_{name}": value
            for name, value in found.items()
            if isinstance(value, float)
        }

    return validate


def _digest(rows: Rows, targets: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in (rows.word_ids, rows.type_ids, rows.starts, targets):
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


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
