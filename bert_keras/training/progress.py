"""A progress bar on stderr: loss, examples per second, time left."""

import time
from collections.abc import Mapping

import keras
import rich.console
import rich.progress

from bert_keras.printable import printable


class ProgressBar(keras.callbacks.Callback):
    """Shows a bar for each epoch, and then a line with its metrics.

    Args:
        batch_size: Examples per batch.
        console: Where to write; stderr by default, since stdout is for
            answers.
        bar: Whether to show a bar while an epoch runs.
    """

    def __init__(
        self,
        batch_size: int,
        console: rich.console.Console | None = None,
        *,
        bar: bool = True,
    ):
        super().__init__()
        self._batch_size = batch_size
        self._shown = bar
        self._console = console or rich.console.Console(
            # In a notebook rich would need widgets; plain text is enough.
            stderr=True,
            force_jupyter=False,
        )

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the epoch's bar."""
        self._started = time.monotonic()
        self._first = None
        self._bar = rich.progress.Progress(
            "epoch {task.fields[epoch]}",
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            "loss {task.fields[loss]}",
            "{task.fields[speed]} examples/s",
            rich.progress.TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._shown,
        )
        self._line = self._bar.add_task(
            "",
            total=self.params["steps"],
            epoch=f"{epoch + 1}/{self.params['epochs']}",
            loss="-",
            speed="-",
        )
        self._bar.start()

    def on_train_batch_end(self, batch, logs: Mapping[str, float]):
        """Advances the bar; a resumed epoch continues where it stopped."""
        if self._first is None:
            self._first = batch
        done = (batch + 1 - self._first) * self._batch_size
        self._speed = done / (time.monotonic() - self._started)
        self._bar.update(
            self._line,
            completed=batch + 1,
            loss=f"{logs['loss']:.4f}",
            speed=f"{self._speed:.0f}",
        )

    def on_epoch_end(self, epoch, logs: Mapping[str, float]):
        """Closes the bar and writes the epoch's metrics."""
        self._bar.stop()
        measured = ", ".join(
            f"{name.removeprefix('val_')} {value:.4g}"
            for name, value in logs.items()
            if name.startswith("val_")
        )
        line = (
            f"epoch {epoch + 1}/{self.params['epochs']} · "
            f"loss {logs['loss']:.4g} · "
            + (f"validation: {measured} · " if measured else "")
            + f"{self._speed:.0f} examples/s"
        )
        # Names of metrics may come from users: they are not markup.
        self._console.print(
            printable(line),
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    def on_train_end(self, logs=None):
        """Closes the bar of an interrupted epoch."""
        self.close()

    def close(self):
        """Releases the terminal; Keras does not tell callbacks of a failure."""
        if getattr(self, "_bar", None) is not None:
            self._bar.stop()
