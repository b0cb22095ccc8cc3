"""Keras callbacks in a training loop that is not Keras' own `fit`."""

from collections.abc import Sequence

import keras

# Metrics that are better when lower, besides all losses.
_LOWER_IS_BETTER = ("mae", "mse", "rmse", "calibration_error", "perplexity")


def prepare_callbacks(
    callbacks: Sequence[keras.callbacks.Callback],
    network: keras.Model,
    monitor,
    epochs: int,
    steps: int,
) -> keras.callbacks.CallbackList:
    """Prepares callbacks to be called as `keras.Model.fit` would call them.

    Args:
        callbacks: Any Keras callbacks.
        network: The model that they see.
        monitor: The metric by which epochs are compared.
        epochs: Number of epochs.
        steps: Updates per epoch.
    """
    for callback in callbacks:
        _set_direction(callback, monitor)
    return keras.callbacks.CallbackList(
        list(callbacks), model=network, epochs=epochs, steps=steps
    )


def sets_learning_rate(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback sets the learning rate from the first epoch."""
    return isinstance(callback, keras.callbacks.LearningRateScheduler)


def _set_direction(callback: keras.callbacks.Callback, monitor) -> None:
    """Sets whether a callback's monitored metric is better when higher.

    Keras would look at the metrics that a model was compiled with, but a task
    computes its metrics from its answers.
    """
    if getattr(callback, "mode", None) != "auto":
        return
    metric = getattr(callback, "monitor", None)
    if metric == monitor.name:
        callback.mode = "max" if monitor.highest else "min"
    elif isinstance(metric, str):
        lower = metric.endswith(("loss", *_LOWER_IS_BETTER))
        callback.mode = "min" if lower else "max"
