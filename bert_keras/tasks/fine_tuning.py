"""Fine-tuning a task: what happens around the training loop."""

import contextlib
import logging
from pathlib import Path

import keras

from bert_keras import metrics as measures
from bert_keras.data import Augmentation
from bert_keras.tasks import report
from bert_keras.tasks.folder import read_task, restore_weights
from bert_keras.tasks.text_lengths import count_long_texts, measure
from bert_keras.training import (
    Objective,
    ProgressBar,
    RunFolder,
    TrainingData,
    TrainingSettings,
    ValidationLoss,
    train,
)

logger = logging.getLogger(__name__)

# Settings that do not change what a training ends with.
_FREE = ("save_seconds",)


def fine_tune(
    task,
    examples,
    *,
    validation,
    augment: Augmentation | int | None,
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
    if settings.patience and validation is None:
        raise ValueError(
            "Expected `validation_data` with patience="
            f"{settings.patience}, to tell which epoch is best."
        )
    if isinstance(augment, int):
        augment = Augmentation(augment, seed=settings.seed)
    data, measured = learn(task, examples, validation, augment)
    asked = describe(task) | {
        "settings": describe_settings(settings),
        **digests(data, measured, len(examples)),
    }
    if run is not None and run.begin(asked):
        take_back(task, run.path)
        return run.read("history.json")
    with watched(callbacks, settings, run, tensorboard, progress) as calls:
        history = train(
            task.network,
            [Objective(task.network, data, task.problem.loss)],
            settings,
            evaluate=validation and validator(task, validation, measured),
            monitor=task.problem.monitor,
            state_path=run and run.state,
            callbacks=calls,
        )
    conclude(task, run, history, validation)
    if run is not None:
        run.finish()
    return history


# === Before training ===
def split_columns(problem, options: dict) -> tuple[dict, dict]:
    """Returns what of the options of `fit` names columns, and the rest."""
    columns = {
        name: value
        for name, value in options.items()
        if name in problem.columns
    }
    return columns, {k: v for k, v in options.items() if k not in columns}


def learn(
    task, examples, validation, augment: Augmentation | None = None
) -> tuple[TrainingData, TrainingData | None]:
    """Learns what was not given, labels for one; returns what to train on."""
    before = task.problem
    task.problem = type(before)(**before.to_dict())
    try:
        task.problem.adapt(examples)
        learned, reading = examples, task.preprocessor
        if augment is not None:
            learned = augment(examples)
            if "mask" in augment.ways:
                reading = reading.copy(
                    max_length=None, special_tokens_in_text=True
                )
        data = task.problem.training_data(learned, reading)
        measured = validation and task.problem.training_data(
            validation, task.preprocessor
        )
    except ValueError:
        # The next attempt, with mended data, learns its own labels.
        task.problem = before
        raise
    task.long_texts = _count_long_texts(task, examples)
    return data, measured


def describe(task) -> dict:
    """Returns all of a task that decides how its training goes, as JSON."""
    return {
        "task": task.problem.kind,
        "handle": task.handle,
        "problem": task.problem.to_dict(),
        "max_length": task.preprocessor.max_length,
        "precision": task.encoder.dtype_policy.name,
        "head_seed": task.seed,
    }


def _count_long_texts(task, examples) -> dict:
    counts = count_long_texts(
        task.problem, task.preprocessor, task.problem.texts(examples)
    )
    if counts.get("truncated"):
        # Said before hours of training are spent on parts of texts.
        logger.warning(
            "%s: %s", examples.source, measures.long_texts_line(counts)
        )
    return counts


def describe_settings(settings: TrainingSettings) -> dict:
    """Returns the settings that decide how a training goes."""
    return {
        name: value
        for name, value in settings.to_dict().items()
        if name not in _FREE
    }


def digests(
    data: TrainingData, measured: TrainingData | None, examples: int
) -> dict:
    """Returns what tells one set of data from another."""
    return {
        "examples": examples,
        "data_sha256": data.digest(),
        "validation_sha256": measured and measured.digest(),
    }


def take_back(task, folder: Path) -> None:
    """Makes a task what its finished training, in a folder, made of it."""
    restore_weights(folder, task.network)
    task.trained = True
    found = read_task(folder)
    task.metrics = found["metrics"]
    task.long_texts = found.get("long_texts", {})
    task.problem = type(task.problem)(**found["problem"])


# === While training ===
@contextlib.contextmanager
def watched(callbacks, settings, run, tensorboard: bool, progress: bool):
    """Gives the callbacks of a training, and closes what must be closed."""
    calls = list(callbacks)
    if tensorboard and run is not None:
        calls.append(
            keras.callbacks.TensorBoard(
                str(run.logs), write_graph=False, update_freq=20
            )
        )
    with contextlib.ExitStack() as at_the_end:
        if progress:
            calls.append(ProgressBar(settings.batch_size))
            at_the_end.callback(calls[-1].close)
        yield calls


def validator(task, validation, data: TrainingData):
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


# === After training ===
def conclude(task, run: RunFolder | None, history, validation) -> None:
    """Measures what came out, saves it and writes what there is to read."""
    task.trained = True
    answers = None
    if validation is not None:
        answers = _tuned_answers(task, validation)
        task.metrics = measure(
            task.problem, task.preprocessor, validation, answers
        )
    if run is not None:
        task.save(run.path)
        report.write(run, task, history, validation, answers)


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
