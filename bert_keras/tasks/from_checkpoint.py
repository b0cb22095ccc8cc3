"""A task on an encoder: of a checkpoint, read once, or of another task."""

from pathlib import Path

from bert_keras.checkpoints import (
    Contents,
    encoder_from,
    preprocessor_from,
    read_checkpoint,
)
from bert_keras.tasks.options import check_options

# Options of `Task.from_handle` that every task has.
_OPTIONS = ("max_length", "dtype", "seed", "preprocessor", "trust")


def build_task(
    task_class,
    contents: Contents,
    *arguments,
    handle: str | Path = "",
    max_length: int | None = None,
    dtype: str | None = None,
    seed: int = 42,
    preprocessor: str | Path | None = None,
    trust: bool = False,
    **options,
):
    """Builds a task with a fresh head on a checkpoint that has been read.

    Args:
        task_class: The class of the task.
        contents: From `read_checkpoint`.
        *arguments: Arguments of the task's problem, such as `labels`.
        handle: Where the checkpoint came from, for messages and files.
        max_length: As in `Task.from_handle`, and so are the others.
        dtype: See there.
        seed: See there.
        preprocessor: See there.
        trust: See there.
        **options: See there.

    Returns:
        The task, ready to be trained.
    """
    check_options(
        options, task_class.problem_class, of=task_class.__name__, also=_OPTIONS
    )
    problem = task_class.problem_class(*arguments, **options)
    texts = contents
    if preprocessor is not None:
        texts = read_checkpoint(preprocessor)
    return task_class(
        encoder_from(contents, dtype=dtype, trust=trust),
        preprocessor_from(
            texts,
            encoder=contents,
            max_length=max_length,
            default_max_length=task_class.default_max_length,
            special_tokens_in_text=task_class.special_tokens_in_text,
        ),
        problem,
        seed=seed,
        handle=str(handle),
    )


def build_sharing(
    task_class, other, *arguments, max_length: int | None = None, **options
):
    """Builds a task on the encoder of another task, which both then share.

    Args:
        task_class: The class of the task.
        other: The other task, trained or not.
        *arguments: Arguments of the task's problem, such as `labels`.
        max_length: Tokens per sequence; `None` takes the other's.
        **options: Arguments of the task's problem.

    Returns:
        The task, ready to be trained; see `fit_multi_task`.
    """
    check_options(
        options,
        task_class.problem_class,
        of=task_class.__name__,
        also=["max_length"],
    )
    return task_class(
        other.encoder,
        other.preprocessor.copy(
            max_length=max_length,
            special_tokens_in_text=task_class.special_tokens_in_text,
        ),
        task_class.problem_class(*arguments, **options),
        seed=other.seed,
        handle=other.handle,
    )
