"""What is checked before TensorFlow is imported, which takes seconds.

Options, files, columns, labels and the encoder's handle: a mistyped name is
reported at once.
"""

from collections.abc import Sized
from pathlib import Path

from bert_keras.cli.output import note
from bert_keras.cli.task_options import TaskOptions
from bert_keras.cli.training_options import TrainingOptions


def check_settings(
    training: TrainingOptions, *, validated: bool, **settings
) -> None:
    """Raises unless the settings of a training are in their ranges.

    Args:
        training: Options of every training.
        validated: Whether there is validation data.
        **settings: The other settings of `TrainingSettings`.

    Raises:
        ValueError: If one is not.
    """
    from bert_keras.settings import TrainingSettings, check_precision

    settings = TrainingSettings(**training.settings, **settings)
    settings.check_validation(validated)
    check_precision(training.precision)
    frozen = training.freeze
    if frozen not in (None, "embeddings", "all") and not frozen.isdecimal():
        raise ValueError(
            "Expected --freeze embeddings, a number of blocks or all. "
            f"Received: {frozen!r}"
        )


def read_data(
    options: TaskOptions, train: str, dev: str | None = None
) -> tuple[Sized, Sized | None]:
    """Reads training and validation data, as the task will be trained on it.

    Args:
        options: The task; its options are checked first.
        train: A file or the name of a data set.
        dev: The same; `None` if there is no validation data.

    Returns:
        Examples of the training data and of the validation data, `None` if
        there is none.

    Raises:
        ValueError: If an option of the task is out of its range.
        DataError: If the data cannot be read, or not be learned from.
    """
    spec = options.spec()
    examples = spec.read(train, **options.columns)
    validation = None if dev is None else spec.read(dev, **options.columns)
    spec.adapt(examples)
    spec.check(examples)
    if validation is not None:
        spec.check(validation)
    return examples, validation


def check_encoder(training: TrainingOptions, options: TaskOptions) -> None:
    """Opens the checkpoint of the encoder, and that of the preprocessor.

    Args:
        training: Names their handles.
        options: The task. If it pools tokens in another way than the encoder
            was trained with, a hint is written.

    Raises:
        HandleError: If a handle names nothing.
        CheckpointError: If it names no BERT checkpoint.
    """
    from bert_keras.checkpoints import read_checkpoint

    sentence = read_checkpoint(training.encoder).sentence
    if training.preprocessor is not None:
        read_checkpoint(training.preprocessor)
    chosen = options.arguments.get("pooling")
    if chosen is not None and sentence is not None:
        if sentence.pooling not in (chosen, None):
            note(
                f"Hint: {training.encoder} was trained with pooling "
                f"{sentence.pooling}; here it is {chosen}. "
                f"Try --pooling {sentence.pooling}."
            )


def check_model(handle: str | Path) -> None:
    """Raises unless a handle names a folder of a known format.

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If no format is recognised.
    """
    from bert_keras.checkpoints import find_format, newest_version
    from bert_keras.handles import resolve

    find_format(newest_version(resolve(handle)))
