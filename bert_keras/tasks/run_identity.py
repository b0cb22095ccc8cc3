"""What decides how a training ends: two runs of one identity end alike."""

from bert_keras.tasks.state import TaskState
from bert_keras.training import BatchSource, OptimizerChoice, TrainingSettings

# Settings that do not change what a training ends with.
_FREE = ("save_seconds",)


def describe_task(task: TaskState, problem, folder) -> dict:
    """Returns all of a task that decides how its training goes, as JSON.

    Args:
        task: The task.
        problem: As the training data has adapted it.
        folder: The run's folder.
    """
    return {
        "task": problem.kind,
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
    """Returns the settings that decide how a training goes."""
    return {
        name: value
        for name, value in settings.to_dict().items()
        if name not in _FREE
    }


def describe_choices(choice: OptimizerChoice, loss, callbacks) -> dict:
    """Returns what was chosen in place of the defaults, as far as it is known.

    Args:
        choice: Optimizer and schedule.
        loss: A loss of the user's own, or `None`.
        callbacks: Those given, any of which may end or change a training.
    """
    named = {
        "loss": None if loss is None else _name(loss),
        "callbacks": [type(callback).__name__ for callback in callbacks],
    }
    return choice.to_dict() | {k: v for k, v in named.items() if v}


def describe_data(
    data: BatchSource, validation: BatchSource | None, examples: int
) -> dict:
    """Returns what tells one set of data from another."""
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
