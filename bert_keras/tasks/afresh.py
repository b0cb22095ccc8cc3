"""The same task again and again, each time as it was before training."""

import numpy as np

from bert_keras.tasks.task import Task


class Afresh:
    """Makes tasks that all start from the weights that a task has now.

    They share the task's encoder, which is loaded once: making the next one
    puts its weights back, and so does leaving the `with`.

    Args:
        task: Not trained yet.
    """

    def __init__(self, task: Task):
        self._task = task
        self._weights = {
            name: np.array(variable.numpy())
            for name, variable in task.encoder.named_variables.items()
        }

    def __call__(self, **problem) -> Task:
        """Returns the next task.

        Args:
            **problem: Arguments of its problem that differ from the task's.
        """
        self._restore()
        task = self._task
        options = task.problem.to_dict() | problem
        return type(task)(
            task.encoder,
            task.preprocessor,
            type(task.problem)(**options),
            seed=task.seed,
            handle=task.handle,
        )

    def __enter__(self) -> "Afresh":
        return self

    def __exit__(self, *_) -> None:
        self._restore()

    def _restore(self) -> None:
        for name, variable in self._task.encoder.named_variables.items():
            variable.assign(self._weights[name])
