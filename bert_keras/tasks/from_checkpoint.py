"""A task on an encoder, with a new head or a checkpoint's trained one."""

import dataclasses
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bert_keras.checkpoints import (
    Contents,
    StoredTensor,
    encoder_from,
    preprocessor_from,
    read_checkpoint,
)
from bert_keras.tasks.folder import restore_head
from bert_keras.tasks.options import check_options

# Options of `Task.from_handle` that every task has.
_OPTIONS = ("max_length", "dtype", "seed", "preprocessor", "trust")


class TrainedHead(NamedTuple):
    """The head of a checkpoint, as a problem takes it.

    Attributes:
        weights: By our names inside the head; see `Contents.heads`.
        arguments: Those arguments of the problem that the checkpoint implies.
        max_length: Tokens per sequence, if the checkpoint specifies it.
    """

    weights: Mapping[str, StoredTensor]
    arguments: Mapping[str, Any]
    max_length: int | None = None


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
    """Builds a task with a new head on a checkpoint that has been read.

    Args:
        task_class: The class of the task.
        contents: From `read_checkpoint`.
        *arguments: Arguments of the task's problem, such as `labels`.
        handle: Where the checkpoint came from, for messages and files.
        max_length: As in `Task.from_handle`.
        dtype: As in `Task.from_handle`.
        seed: As in `Task.from_handle`.
        preprocessor: As in `Task.from_handle`.
        trust: As in `Task.from_handle`.
        **options: As in `Task.from_handle`.

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


def build_trained_task(
    task_class,
    contents: Contents,
    head: TrainedHead,
    *,
    max_length: int | None = None,
    fresh: Collection[str] = (),
    **options,
):
    """Builds a task with the trained head of a checkpoint.

    Args:
        task_class: The class of the task.
        contents: From `read_checkpoint`.
        head: The checkpoint's head, as the task's problem takes it.
        max_length: Tokens per sequence; `None` takes the checkpoint's, or the
            task's default.
        fresh: Layers of the head that get new weights.
        **options: As in `build_task`; arguments of the problem override those
            that the checkpoint implies.

    Returns:
        The task, ready to answer.

    Raises:
        RestoreError: If weights are missing, unknown or of another shape.
    """
    task = build_task(
        task_class,
        # Loading an encoder warns about heads that are left out; this one is
        # restored below.
        dataclasses.replace(contents, heads={}),
        max_length=max_length or head.max_length,
        **{**head.arguments, **options},
    )
    restore_head(
        task.network, head.weights, source=contents.source, fresh=fresh
    )
    task.trained = True
    return task


def build_sharing(
    task_class, other, *arguments, max_length: int | None = None, **options
):
    """Builds a task that shares the encoder of another task.

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
