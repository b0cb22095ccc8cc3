"""A task beside another: two tasks on one encoder."""


def build_beside(
    task_class, other, *arguments, max_length: int | None = None, **options
):
    """Builds a task on the encoder of another, which both then share.

    Args:
        task_class: Of the task.
        other: The other task, trained or not.
        *arguments: Of the task's problem, such as `labels`.
        max_length: Pieces of a row; `None` takes the other's.
        **options: Of the task's problem.

    Returns:
        The task, ready to be trained; see `fit_together`.
    """
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
