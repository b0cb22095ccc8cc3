"""What determines the result of a training: the identity of its run.

Two runs with the same identity end with the same weights.
"""

import keras

from bert_keras.tasks.state import TaskState
from bert_keras.training import BatchSource, OptimizerChoice, TrainingSettings

# Callbacks of Keras that set the learning rate or end a training.
_DECISIVE = (
    keras.callbacks.EarlyStopping,
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
)
# Settings that do not change the result of a training.
_FREE = ("save_seconds",)


def describe_task(task: TaskState, problem, folder) -> dict:
    """Returns all of a task that determines its training, ready for JSON.

    Args:
        task: The task.
        problem: The task's problem, adapted to the training data.
        folder: The run's folder.
    """
    return {
        "task": problem.kind,
        "problem_class": type(problem).__name__,
        "handle": task.handle,
        "problem": problem.to_dict(),
        "max_length": task.preprocessor.max_length,
        "precision": task.encoder.dtype_policy.name,
        "head_seed": task.seed,
        "encoder": task.encoder.config.to_dict(),
        "frozen": task.encoder.frozen,
        "lora_rank": task.encoder.lora_rank,
        "start_sha256": task.start_digest(folder),
    }


def describe_settings(settings: TrainingSettings) -> dict:
    """Returns the settings that determine the result of a training."""
    return {
        name: value
        for name, value in settings.to_dict().items()
        if name not in _FREE
    }


def describe_choices(choice: OptimizerChoice, loss, callbacks) -> dict:
    """Returns what was chosen in place of the defaults, as far as it is known.

    Args:
        choice: Optimizer and schedule.
        loss: A custom loss, or `None`.
        callbacks: The given ones. Those of Keras that set the learning rate or
            end a training are named; what a custom one does is not known.
    """
    named = {
        "loss": None if loss is None else _name(loss),
        "callbacks": [
            type(callback).__name__
            for callback in callbacks
            if isinstance(callback, _DECISIVE)
        ],
    }
    return choice.to_dict() | {k: v for k, v in named.items() if v}


def describe_data(
    data: BatchSource, validation: BatchSource | None, examples: int
) -> dict:
    """Returns what identifies the data of a training."""
    return {
        "examples": examples,
        "data_sha256": data.digest(),
        "validation_sha256": validation and validation.digest(),
    }


def _name(loss) -> str:
    return (
        loss
        if isinstance(loss, str)
        else getattr(loss, "__qualname__", type(loss).__name__)
    )
