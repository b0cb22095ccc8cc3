"""The arguments of `fit`, as Keras users give them, and the data they name."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import keras

from bert_keras.data import hold_out
from bert_keras.tasks.options import check_options
from bert_keras.training import TrainingSettings


@dataclasses.dataclass(frozen=True)
class FitOptions:
    """The options of `fit`, grouped by purpose.

    Attributes:
        settings: Fields of `TrainingSettings` that were given.
        columns: Names of the data's columns.
        schedule: The learning rate, if it is a schedule.
    """

    settings: dict
    columns: dict
    schedule: keras.optimizers.schedules.LearningRateSchedule | None


def split(options: Mapping, columns: Sequence[str]) -> FitOptions:
    """Groups the options of `fit`.

    Args:
        options: By name.
        columns: Options that name columns of the task's data.

    Raises:
        TypeError: If there is no such option; the message suggests similar
            ones.
        ValueError: If options contradict each other.
    """
    check_options(options, TrainingSettings, of="fit", also=columns)
    named, settings = split_columns(options, columns)
    schedule = None
    if isinstance(
        settings.get("learning_rate"),
        keras.optimizers.schedules.LearningRateSchedule,
    ):
        schedule = settings.pop("learning_rate")
        if "warmup_ratio" in settings:
            raise ValueError(
                "Expected no `warmup_ratio` with a `learning_rate` that is a "
                "schedule, which includes the warm-up. Received: "
                f"warmup_ratio={settings['warmup_ratio']!r}"
            )
    return FitOptions(settings, named, schedule)


def split_columns(
    options: Mapping, columns: Sequence[str]
) -> tuple[dict, dict]:
    """Returns the options that name columns of the data, and the others."""
    named = {k: v for k, v in options.items() if k in columns}
    return named, {k: v for k, v in options.items() if k not in columns}


def read(
    problem,
    x,
    y,
    *,
    sample_weight,
    validation_data,
    validation_split: float,
    settings: TrainingSettings,
    columns: Mapping,
):
    """Reads training and validation data.

    Args:
        problem: Reads them.
        x: As in `Task.fit`.
        y: As in `Task.fit`.
        sample_weight: As in `Task.fit`.
        validation_data: As in `Task.fit`.
        validation_split: As in `Task.fit`.
        settings: Decide how much of endless data is read.
        columns: Names of the data's columns.

    Returns:
        Training examples, and validation examples or `None`.
    """
    if not 0 <= validation_split < 1:
        raise ValueError(
            "Expected `validation_split` from 0 to below 1. Received: "
            f"validation_split={validation_split!r}"
        )
    if validation_data is not None and validation_split:
        raise ValueError(
            "Expected `validation_data` or `validation_split`. Received both."
        )
    taken = {}
    if settings.steps_per_epoch is not None and _may_be_endless(x):
        steps = settings.epochs * settings.steps_per_epoch
        taken["limit"] = steps * settings.batch_size
    examples = problem.read(
        x, y, sample_weight=sample_weight, **taken, **columns
    )
    if validation_split:
        return hold_out(examples, validation_split, seed=settings.seed)
    if validation_data is None:
        return examples, None
    return examples, problem.read(validation_data, **columns)


def _may_be_endless(x) -> bool:
    """Whether data has to be taken up to a number, as it may never end."""
    if hasattr(x, "cardinality"):  # a tf.data.Dataset: below 0 is not known
        return int(x.cardinality()) < 0
    return isinstance(x, Iterator)
