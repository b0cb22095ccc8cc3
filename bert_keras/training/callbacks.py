"""Keras callbacks around a training that is not Keras' own `fit`."""

from collections.abc import Sequence

import keras

# Numbers of which less is better, beside all losses.
_LOWER_IS_BETTER = ("mae", "mse", "rmse", "calibration_error", "perplexity")


def prepare_callbacks(
    callbacks: Sequence[keras.callbacks.Callback],
    network: keras.Model,
    monitor,
    epochs: int,
    steps: int,
) -> keras.callbacks.CallbackList:
    """Returns callbacks as `keras.Model.fit` would call them.

    Args:
        callbacks: Any Keras callbacks.
        network: What they see as their model.
        monitor: What the task is judged by.
        epochs: Of the training.
        steps: Updates per epoch.
    """
    for callback in callbacks:
        _set_direction(callback, monitor)
    return keras.callbacks.CallbackList(
        list(callbacks), model=network, epochs=epochs, steps=steps
    )


def takes_the_rate(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback sets the learning rate from the first epoch on."""
    return isinstance(callback, keras.callbacks.LearningRateScheduler)


def _set_direction(callback: keras.callbacks.Callback, monitor) -> None:
    """Says whether more of what a callback monitors is better.

    Keras would ask the metrics that a model was compiled with, but what a task
    measures is computed from its answers.
    """
    if getattr(callback, "mode", None) != "auto":
        return
    watched = getattr(callback, "monitor", None)
    if watched == monitor.name:
        callback.mode = "max" if monitor.highest else "min"
    elif isinstance(watched, str):
        lower = watched.endswith(("loss", *_LOWER_IS_BETTER))
        callback.mode = "min" if lower else "max"
