"""Fine-tuning a task: what comes before and after the training loop."""

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bert_keras import metrics as measures
from bert_keras.data import Augmentation
from bert_keras.tasks import report
from bert_keras.tasks.class_weight import weigh_classes
from bert_keras.tasks.folder import read_task, restore_weights, save_task
from bert_keras.tasks.layer_decay import rate_multipliers
from bert_keras.tasks.losses import custom_loss
from bert_keras.tasks.problem import Problem
from bert_keras.tasks.reporting import Reporting
from bert_keras.tasks.run_identity import (
    describe_choices,
    describe_data,
    describe_settings,
    describe_task,
)
from bert_keras.tasks.state import TaskState
from bert_keras.tasks.text_lengths import count_long_texts, measure
from bert_keras.training import (
    BatchSource,
    Objective,
    OptimizerChoice,
    RunFolder,
    TrainingSettings,
    ValidationLoss,
    train,
)

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Prepared:
    """Data that is ready for training; the task has not changed yet.

    Attributes:
        problem: The problem, adapted to the data: it has labels, for example.
        examples: Number of training examples, before augmentation.
        data: The training data.
        validation: Validation examples, or `None`.
        validation_data: The same in the form of `data`.
        long_texts: See `count_long_texts`.
    """

    problem: Problem
    examples: int
    data: BatchSource
    validation: Any
    validation_data: BatchSource | None
    long_texts: dict

    def describe(self) -> dict:
        """Returns what identifies this data."""
        return describe_data(self.data, self.validation_data, self.examples)


def fine_tune(
    task: TaskState,
    prepared: Prepared,
    settings: TrainingSettings,
    choice: OptimizerChoice,
    reporting: Reporting,
    loss=None,
) -> list[dict]:
    """Trains a task; see `Task.fit` for the arguments.

    Anything wrong with the data has been found by `prepare`, before the first
    step and before anything is written.
    """
    run = reporting.run
    settings.check_validation(prepared.validation is not None)
    own = None if loss is None else custom_loss(loss)
    if run is not None:
        identity = {
            **describe_task(task, prepared.problem, run.path),
            "settings": describe_settings(settings),
            **describe_choices(choice, loss, reporting.callbacks),
            **prepared.describe(),
        }
        if run.begin(identity):
            restore_finished(task, run.path)
            return run.read("history.json")
    task.begin_training(prepared.problem, prepared.long_texts)
    choice = dataclasses.replace(
        choice, rate_multipliers=rate_multipliers(task.network, settings)
    )
    loss_function = own or task.problem.loss
    with reporting.watching(settings.batch_size) as callbacks:
        history = train(
            task.network,
            [Objective(task.network, prepared.data, loss_function)],
            settings,
            monitor=task.problem.monitor,
            choice=choice,
            evaluate=validator(task, prepared, loss_function),
            state_path=run and run.state,
            callbacks=callbacks,
        )
    answers = conclude(task, run, history, prepared.validation)
    if run is not None:
        run.finish()
        report.draw_training(run, task, history, prepared.validation, answers)
    return history


# === Before training ===
def prepare(
    task: TaskState,
    examples,
    validation=None,
    *,
    augment: Augmentation | None = None,
    class_weight=None,
) -> Prepared:
    """Turns examples into training data; changes nothing in the task.

    Args:
        task: Its problem is copied, and the copy adapted to the examples.
        examples: Training examples, as the problem's `read` returns them.
        validation: Validation examples, likewise.
        augment: Adds altered copies of the examples.
        class_weight: See `weigh_classes`.

    Raises:
        DataError: If the data is bad.
    """
    problem = type(task.problem)(**task.problem.to_dict())
    problem.adapt(examples)
    long_texts = _count_long_texts(problem, task.preprocessor, examples)
    if class_weight is not None:
        examples = weigh_classes(examples, class_weight, problem)
    augmented, preprocessor = examples, task.preprocessor
    if augment is not None:
        augmented = augment(examples)
        if "mask" in augment.ways:
            preprocessor = preprocessor.copy(
                max_length=None, special_tokens_in_text=True
            )
    return Prepared(
        problem,
        len(examples),
        problem.training_data(augmented, preprocessor),
        validation,
        None
        if validation is None
        else problem.training_data(validation, task.preprocessor),
        long_texts,
    )


def _count_long_texts(problem, preprocessor, examples) -> dict:
    counts = count_long_texts(problem, preprocessor, problem.texts(examples))
    if counts.get("truncated"):
        # Warn before hours are spent on training with truncated texts.
        logger.warning(
            "%s: %s", examples.source, measures.long_texts_line(counts)
        )
    return counts


def restore_finished(task: TaskState, folder: Path) -> None:
    """Restores a task from the folder of its finished training."""
    found = read_task(folder)
    task.begin_training(
        type(task.problem)(**found["problem"]), found.get("long_texts", {})
    )
    restore_weights(folder, task.network)
    task.finish_training(found["metrics"])


# === While training ===
def validator(
    task: TaskState, prepared: Prepared, loss: Callable
) -> Callable[[], dict[str, float]] | None:
    """Returns a function that measures the task on its validation data.

    Without validation data there is none.
    """
    if prepared.validation_data is None:
        return None
    mean_loss = ValidationLoss(task.network, loss, prepared.validation_data)

    def validate() -> dict[str, float]:
        answers = task.answers(prepared.validation)
        found = task.problem.measure(prepared.validation, answers)
        return {"val_loss": mean_loss()} | {
            f"val_{name}": value
            for name, value in found.items()
            if isinstance(value, float)
        }

    return validate


# === After training ===
def conclude(
    task: TaskState, run: RunFolder | None, history: list[dict], validation
) -> dict | None:
    """Measures the trained task and saves it.

    Returns:
        The answers to the validation data, if there is any.
    """
    answers, metrics = None, {}
    task.trained = True
    if validation is not None:
        answers = _tuned_answers(task, validation)
        metrics = measure(task.problem, task.preprocessor, validation, answers)
    task.finish_training(metrics)
    if run is not None:
        save_task(run.path, task.to_dict(), task.network, task.preprocessor)
        report.write_numbers(run, task, history, validation, answers)
    return answers


def _tuned_answers(task: TaskState, validation) -> dict:
    """Returns the answers, after the problem has been tuned on them."""
    answers = task.answers(validation)
    tune = getattr(task.problem, "tune", None)
    tuned = tune and tune(validation, answers)
    if tuned is None:
        return answers
    task.problem = tuned
    return task.answers(validation)
