"""The learning rate of each update.

A schedule sets it, unless a callback takes over.
"""

from collections.abc import Callable

import keras
from keras import ops


@keras.saving.register_keras_serializable("bert_keras")
class WarmupLinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly from zero to the peak, then falls linearly to zero.

    Appendix A.2 of https://arxiv.org/abs/1810.04805.

    Args:
        peak: The highest learning rate.
        warmup_steps: Updates until the peak.
        total_steps: Updates until zero.

    Example:
        >>> schedule = WarmupLinearDecay(1.0, warmup_steps=2, total_steps=6)
        >>> [float(schedule(step)) for step in range(7)]
        [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0]
    """

    def __init__(self, peak: float, *, warmup_steps: int, total_steps: int):
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps

    def __call__(self, step):
        """Returns the learning rate of update `step`, counted from 0."""
        step = ops.cast(step, "float32")
        rise = step / self.warmup_steps if self.warmup_steps else 1.0
        fall = (self.total_steps - step) / max(
            1, self.total_steps - self.warmup_steps
        )
        return self.peak * ops.clip(ops.minimum(rise, fall), 0.0, 1.0)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            "peak": self.peak,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
        }


class ScheduledRate:
    """Sets an optimizer's learning rate before each update.

    Callbacks such as `keras.callbacks.ReduceLROnPlateau` set the rate
    themselves. Once one has done so, the rate is left to the callbacks.

    Args:
        optimizer: Its learning rate is a variable, so that it can be set.
        schedule: Maps the index of an update, from 0, to its rate; `None`
            leaves the rate to the optimizer and the callbacks.

    Attributes:
        active: Whether the schedule still sets the rate.
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        schedule: Callable | None,
    ):
        self._optimizer = optimizer
        self._schedule = schedule
        self.active = schedule is not None
        self._set = self.value if self.active else None

    @property
    def value(self) -> float:
        """The current learning rate."""
        return float(ops.convert_to_numpy(self._optimizer.learning_rate))

    def before_update(self, step: int) -> None:
        """Sets the rate of an update, unless a callback has changed it.

        Args:
            step: Number of updates so far.
        """
        if self._schedule is None or not self.active:
            return
        if self.value != self._set:
            self.active = False
            return
        self._optimizer.learning_rate = float(self._schedule(step))
        self._set = self.value

    def resume(self, active: bool) -> None:
        """Continues from the learning rate of a restored optimizer."""
        self.active = active and self._schedule is not None
        self._set = self.value
