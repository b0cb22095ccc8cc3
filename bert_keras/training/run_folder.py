"""A run is a folder: settings, history and results of a training.

training.json       the settings, the data's digest, whether it is finished
state.safetensors   the state from which an unfinished training resumes
history.json        one dict of metrics for each epoch
metrics.json        the final model on the validation data
plots/*.png         learning curve and the task's own figures
mistakes.tsv        the worst mistakes on the validation data
logs/               for TensorBoard, if requested
task.json, model.safetensors, vocab.txt, tokenizer_config.json
                    the trained task
"""

import json
from pathlib import Path

from bert_keras.atomic import replacing

_TRAINING = "training.json"
_FINISHED = "finished"


class RunExists(ValueError):
    """The folder holds a run with other settings or data."""


class RunFolder:
    """The folder of one training.

    Args:
        path: The folder; created when the run begins.

    Raises:
        RunExists: If there is a file of this name.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        if self.path.exists() and not self.path.is_dir():
            raise RunExists(
                f"Expected a folder for the run. Received the file {self.path}."
            )

    @property
    def state(self) -> Path:
        """The file of the training's state."""
        return self.path / "state.safetensors"

    @property
    def plots(self) -> Path:
        """The folder of figures."""
        return self.path / "plots"

    @property
    def logs(self) -> Path:
        """The folder of TensorBoard logs."""
        return self.path / "logs"

    @property
    def mistakes(self) -> Path:
        """The file of the worst mistakes."""
        return self.path / "mistakes.tsv"

    def begin(self, identity: dict) -> bool:
        """Starts a new run, or resumes an interrupted one.

        Args:
            identity: Everything that determines the result of the training,
                as JSON.

        Returns:
            Whether this run has already finished.

        Raises:
            RunExists: If the folder holds another run.
        """
        path = self.path / _TRAINING
        identity = json.loads(json.dumps(identity))
        if not path.exists():
            self.write(_TRAINING, identity | {_FINISHED: False})
            return False
        found = json.loads(path.read_text(encoding="utf-8"))
        finished = found.pop(_FINISHED)
        if found != identity:
            raise RunExists(
                f"Expected {self.path} to be new, or to hold a run with the "
                "same settings and data, to resume it. Received another run: "
                f"{_differences(found, identity)}. Choose another folder, or "
                "remove this one."
            )
        return finished

    def finish(self) -> None:
        """Marks the run as finished and removes the state to resume from."""
        identity = self.read(_TRAINING)
        self.write(_TRAINING, identity | {_FINISHED: True})
        self.state.unlink(missing_ok=True)

    def read(self, name: str):
        """Reads a JSON file in the folder."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    def write(self, name: str, values) -> None:
        """Writes a JSON file into the folder, completely or not at all."""
        with replacing(self.path / name) as temporary:
            temporary.write_text(
                json.dumps(values, indent=2, ensure_ascii=False) + "\n",
                encoding="utf-8",
            )


def _differences(found: dict, given: dict) -> str:
    found, given = _flat(found), _flat(given)
    keys = sorted(
        key for key in found | given if found.get(key) != given.get(key)
    )
    return "; ".join(
        f"{key} differs"
        if key.endswith("sha256")
        else f"{key} was {found.get(key)!r} and is now {given.get(key)!r}"
        for key in keys
    )


def _flat(values: dict, prefix: str = "") -> dict:
    """Returns `{"settings": {"seed": 1}}` as `{"settings.seed": 1}`."""
    flat = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat
