"""What reports on a training: callbacks, a progress bar, TensorBoard."""

import contextlib
import dataclasses
from collections.abc import Sequence

import keras

from bert_keras.training import ProgressBar, RunFolder


@dataclasses.dataclass(frozen=True)
class Reporting:
    """What reports on a training, and where its run is saved.

    Attributes:
        run: The run's folder; `None` saves nothing.
        callbacks: Any Keras callbacks.
        tensorboard: Whether to write TensorBoard logs into the run's folder.
        verbose: 0 is silent, 1 shows a progress bar, 2 a line per epoch.

    Raises:
        ValueError: If logs have no folder, or TensorBoard is not installed.
    """

    run: RunFolder | None = None
    callbacks: Sequence[keras.callbacks.Callback] = ()
    tensorboard: bool = False
    verbose: int | str = 1

    def __post_init__(self):
        if self.verbose not in (0, 1, 2, "auto"):
            raise ValueError(
                "Expected `verbose` to be 0, 1 or 2. Received: "
                f"verbose={self.verbose!r}"
            )
        for callback in self.callbacks:
            if not isinstance(callback, keras.callbacks.Callback):
                raise ValueError(
                    "Expected `callbacks` to be Keras callbacks. Received: "
                    f"{callback!r}"
                )
        if self.tensorboard and self.run is None:
            raise ValueError(
                "Expected `run_dir` with tensorboard=True: the logs are "
                "written into RUN_DIR/logs. Received no `run_dir`."
            )
        if self.tensorboard:
            _require_tensorboard()

    @contextlib.contextmanager
    def watching(self, batch_size: int):
        """Yields all callbacks, and closes what they leave open."""
        calls = list(self.callbacks)
        if self.tensorboard and self.run is not None:
            logs = str(self.run.logs)
            calls.append(
                keras.callbacks.TensorBoard(
                    logs, write_graph=False, update_freq=20
                )
            )
        with contextlib.ExitStack() as at_the_end:
            if self.verbose:
                bar = ProgressBar(batch_size, bar=self.verbose != 2)
                calls.append(bar)
                at_the_end.callback(bar.close)
            yield calls


def _require_tensorboard() -> None:
    """Raises if Keras' callback would fail at its first summary."""
    try:
        import tensorboard  # noqa: F401
    except ImportError as error:
        raise ValueError(
            "Expected TensorBoard to be installed, which `tensorboard` needs: "
            "TensorFlow 2.21 no longer brings it. Run: "
            'pip install "bert-keras[tensorboard]"'
        ) from error
