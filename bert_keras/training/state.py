"""The state of a training: all that the next step depends on.

One file holds weights, dropout's counters, the optimizer's moments, and where
the training stands. It replaces its predecessor in one rename, so that after a
kill at any moment there is one whole state to go on from.
"""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np

from bert_keras.checkpoints import read_tensors, write_tensors

_PROGRESS = "progress"
_NUMBERED = re.compile(r"(?<=seed_generator)_\d+|(?<=adam_w)_\d+")


@dataclasses.dataclass
class Progress:
    """Where a training stands.

    Attributes:
        epoch: Epochs finished.
        batch: Batches of the running epoch finished.
        step: Updates done in all.
        sums: Of the losses of the running epoch's rows, by part.
        rows: Of the running epoch that were learned from, by part.
        seconds: Spent in training steps.
        history: One dict of numbers for each finished epoch.
        best_epoch: Number of the best epoch, from 1; 0 if there is none yet.
        best_value: Its monitored value.
        stopped: Whether early stopping ended the training.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    sums: dict[str, float] = dataclasses.field(default_factory=dict)
    rows: dict[str, int] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    history: list = dataclasses.field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None
    stopped: bool = False

    def count(self, part: str, loss: float, rows: int) -> None:
        """Counts the mean loss of a batch of a part."""
        self.sums[part] = self.sums.get(part, 0.0) + loss * rows
        self.rows[part] = self.rows.get(part, 0) + rows

    def losses(self) -> dict[str, float]:
        """Returns the running epoch's mean loss, and that of each part."""
        mean = {"loss": sum(self.sums.values()) / sum(self.rows.values())}
        if set(self.sums) <= {""}:  # there is but one part, without a name
            return mean
        return mean | {
            f"{part}_loss": total / self.rows[part]
            for part, total in self.sums.items()
        }


def all_variables(network, optimizer) -> dict:
    """Returns every variable of a training by a name.

    The name is the same whenever and wherever the same training is built:
    Keras numbers what has no name of its own through the whole process.
    """
    variables = [
        (f"network/{variable.path}", variable) for variable in network.variables
    ]
    variables += [
        (f"optimizer/{variable.path}", variable)
        for variable in optimizer.variables
    ]
    return {
        f"{i}/{_NUMBERED.sub('', path)}": variable
        for i, (path, variable) in enumerate(variables)
    }


def all_weights(network) -> dict:
    """Returns the weights by a name; heads of two tasks share their path."""
    return {
        f"{i}/{weight.path}": weight for i, weight in enumerate(network.weights)
    }


def save_state(
    path: Path, variables: dict, progress: Progress, best: dict[str, np.ndarray]
) -> None:
    """Writes a state, whole or not at all.

    Args:
        path: The file.
        variables: From `all_variables`.
        progress: Where the training stands.
        best: The best epoch's weights by name, or nothing.
    """
    tensors = {
        f"now/{name}": np.asarray(variable.numpy())
        for name, variable in variables.items()
    }
    tensors |= {f"best/{name}": array for name, array in best.items()}
    metadata = {_PROGRESS: json.dumps(dataclasses.asdict(progress))}
    write_tensors(path, tensors, metadata)


def restore_state(
    path: Path, variables: dict
) -> tuple[Progress, dict[str, np.ndarray]]:
    """Reads a state back into the variables.

    Returns:
        Where the training stood, and the best epoch's weights.

    Raises:
        ValueError: If the state is damaged, or of another network or
            optimizer. No variable was changed then.
    """
    tensors, metadata = read_tensors(path)
    progress = Progress(**json.loads(metadata[_PROGRESS]))
    _check_same(path, variables, tensors)
    for name, variable in variables.items():
        variable.assign(tensors[f"now/{name}"])
    best = {
        name.removeprefix("best/"): tensor
        for name, tensor in tensors.items()
        if name.startswith("best/")
    }
    return progress, best


def _check_same(path: Path, variables: dict, tensors: dict) -> None:
    wanted = {f"now/{n}": tuple(v.shape) for n, v in variables.items()}
    found = {n: t.shape for n, t in tensors.items() if n.startswith("now/")}
    different = sorted(
        name for name in wanted | found if wanted.get(name) != found.get(name)
    )
    if different:
        raise ValueError(
            f"{path}: Expected the state of this training. Received the state "
            f"of another: {len(different)} variables are missing, unknown or "
            f"of another shape, {different[0]} for one. Choose another "
            "folder, or remove this one."
        )
