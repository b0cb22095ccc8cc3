"""The history of a training: its logs, epoch by epoch."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class History(Sequence):
    """The logs of a training, as Keras returns them and epoch by epoch.

    Attributes:
        epochs: One dict of metrics for each epoch.

    Example:
        >>> epochs = [{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.4}]
        >>> history = History(epochs)
        >>> history.history["loss"]
        [0.7, 0.4]
        >>> history[-1]["loss"]
        0.4
    """

    epochs: list[dict]

    @property
    def history(self) -> dict[str, list]:
        """The values of each metric over all epochs, as in Keras."""
        names = {name: None for epoch in self.epochs for name in epoch}
        return {
            name: [epoch[name] for epoch in self.epochs if name in epoch]
            for name in names
            if name != "epoch"
        }

    @property
    def epoch(self) -> list[int]:
        """Indices of the epochs, from 0, as in Keras."""
        return [epoch["epoch"] - 1 for epoch in self.epochs]

    def __len__(self) -> int:
        return len(self.epochs)

    def __getitem__(self, index):
        return self.epochs[index]

    def __repr__(self) -> str:
        lines = "".join(
            f"\n  epoch {epoch['epoch']}: "
            + ", ".join(
                f"{name} {value:.4g}"
                for name, value in epoch.items()
                if name != "epoch"
            )
            for epoch in self.epochs
        )
        return f"History of {len(self)} epochs{lines}"
