"""A factory of tasks that all start from the same weights."""

import numpy as np

from bert_keras.tasks import Task


class TaskFactory:
    """Makes tasks that all start from the current weights of a task.

    They share the task's encoder, which is loaded only once: making the next
    task resets its weights, and so does leaving the `with` block. Heads start
    with new weights, unless the task has a trained head.

    Args:
        task: The task, as it was built or loaded.
    """

    def __init__(self, task: Task):
        self._task = task
        self._encoder = _weights(task.encoder)
        self._network = _weights(task.network) if task.trained else {}

    def __call__(self, **problem) -> Task:
        """Returns the next task.

        Args:
            **problem: Arguments of its problem that differ from the task's.
        """
        self._restore()
        task = self._task
        options = task.problem.to_dict() | problem
        made = type(task)(
            task.encoder,
            task.preprocessor,
            type(task.problem)(**options),
            seed=task.seed,
            handle=task.handle,
        )
        if task.trained:
            _assign(made.network, self._network)
            made.trained = True
        return made

    def __enter__(self) -> "TaskFactory":
        return self

    def __exit__(self, *_) -> None:
        self._restore()

    def _restore(self) -> None:
        _assign(self._task.encoder, self._encoder)


def _weights(network) -> dict[str, np.ndarray]:
    return {
        name: np.array(variable.numpy())
        for name, variable in network.named_variables.items()
    }


def _assign(network, weights: dict[str, np.ndarray]) -> None:
    for name, variable in network.named_variables.items():
        variable.assign(weights[name])
