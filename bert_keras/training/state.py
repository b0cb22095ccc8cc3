"""The state of a training: everything that the next step depends on.

One file holds weights, dropout's counters, the optimizer's moments, and the
position in the data. It replaces its predecessor in one rename, so that
whenever the process is killed, one complete state is left to resume from.
"""

import dataclasses
import hashlib
import json
import re
from pathlib import Path

import numpy as np

from bert_keras.checkpoints import read_tensors, write_tensors
from bert_keras.training.data import raw_bytes

_PROGRESS = "progress"
_DIGEST = "sha256"
_NUMBERED = re.compile(r"(?<=seed_generator)_\d+")


@dataclasses.dataclass
class Progress:
    """The progress of a training.

    Attributes:
        epoch: Number of finished epochs.
        batch: Number of finished batches of the current epoch.
        step: Number of updates so far.
        sums: Summed losses of the current epoch's examples, by objective.
        examples: Number of examples in these sums, by objective.
        seconds: Time spent in training steps.
        history: One dict of logs for each finished epoch.
        best_epoch: Number of the best epoch, from 1; 0 if there is none yet.
        best_value: Its value of the monitored metric.
        stopped: Whether early stopping ended the training.
        scheduled: Whether the learning rate still follows the schedule.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    sums: dict[str, float] = dataclasses.field(default_factory=dict)
    examples: dict[str, int] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    history: list = dataclasses.field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None
    stopped: bool = False
    scheduled: bool = True

    def count(self, objective: str, loss: float, examples: int) -> None:
        """Counts a batch of an objective and its mean loss."""
        self.sums[objective] = self.sums.get(objective, 0.0) + loss * examples
        self.examples[objective] = self.examples.get(objective, 0) + examples
        self.batch += 1
        self.step += 1

    def losses(self) -> dict[str, float]:
        """Returns the current epoch's mean loss, in all and per objective."""
        mean = {"loss": sum(self.sums.values()) / sum(self.examples.values())}
        if set(self.sums) <= {""}:  # a single objective has no name
            return mean
        return mean | {
            f"{objective}_loss": total / self.examples[objective]
            for objective, total in self.sums.items()
        }

    def next_epoch(self, logs: dict) -> None:
        """Ends the current epoch with its logs."""
        self.history.append({"epoch": self.epoch + 1, **logs})
        self.epoch += 1
        self.batch, self.sums, self.examples = 0, {}, {}


def all_variables(network, optimizer) -> dict:
    """Returns every variable of a training by a unique name.

    The name is the same in every process that builds the same training. Keras
    numbers unnamed objects across the whole process. The optimizer is one of
    them, so its name, the first part of a path, is left out.
    """
    variables = [
        (f"network/{variable.path}", variable) for variable in network.variables
    ]
    variables += [
        (f"optimizer/{variable.path.partition('/')[2]}", variable)
        for variable in optimizer.variables
    ]
    return {
        f"{i}/{_NUMBERED.sub('', path)}": variable
        for i, (path, variable) in enumerate(variables)
    }


def all_weights(network) -> dict:
    """Returns the weights by a unique name.

    A path is not unique: the heads of two tasks have the same one.
    """
    return {
        f"{i}/{weight.path}": weight for i, weight in enumerate(network.weights)
    }


def save_state(
    path: Path, variables: dict, progress: Progress, best: dict[str, np.ndarray]
) -> None:
    """Writes a state, completely or not at all.

    Args:
        path: The file.
        variables: From `all_variables`.
        progress: The progress of the training.
        best: The best epoch's weights by name, or an empty dict.
    """
    tensors = {
        f"now/{name}": np.asarray(variable.numpy())
        for name, variable in variables.items()
    }
    tensors |= {f"best/{name}": array for name, array in best.items()}
    text = json.dumps(dataclasses.asdict(progress))
    metadata = {_PROGRESS: text, _DIGEST: _digest(tensors, text)}
    write_tensors(path, tensors, metadata)


def restore_state(
    path: Path, variables: dict
) -> tuple[Progress, dict[str, np.ndarray]]:
    """Reads a state back into the variables.

    Returns:
        The progress of the training, and the best epoch's weights.

    Raises:
        ValueError: If the state is damaged, or belongs to another network or
            optimizer. No variable has been changed in that case.
    """
    tensors, metadata = read_tensors(path)
    text = metadata.get(_PROGRESS, "")
    if metadata.get(_DIGEST) != _digest(tensors, text):
        raise ValueError(
            f"{path}: Expected the state that a training wrote. Received: one "
            "that was changed since, as its digest says. Restore it from a "
            "copy, or remove it and train again."
        )
    progress = Progress(**json.loads(text))
    _check_same(path, variables, tensors)
    for name, variable in variables.items():
        variable.assign(tensors[f"now/{name}"])
    best = {
        name.removeprefix("best/"): tensor
        for name, tensor in tensors.items()
        if name.startswith("best/")
    }
    return progress, best


def _digest(tensors: dict[str, np.ndarray], progress: str) -> str:
    """Returns the SHA-256 of all that a state says."""
    total = hashlib.sha256(progress.encode())
    for name, array in sorted(tensors.items()):
        total.update(f"{name} {array.dtype} {array.shape}\n".encode())
        total.update(raw_bytes(array))
    return total.hexdigest()


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
            f"of another shape, such as {different[0]}. Choose another "
            "folder, or remove this one."
        )
