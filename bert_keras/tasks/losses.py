"""A custom loss in place of the task's own."""

import functools
import inspect
from collections.abc import Callable

import keras
import tensorflow as tf


def custom_loss(loss) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns a loss as the training loop calls it.

    Args:
        loss: A function of targets and the head's output that returns a loss
            for each example, [batch]; a Keras loss; or the name of one. A
            Keras loss that has `from_logits` must have it set to `True`, since
            heads return logits; for a name this is done here.

    Returns:
        A function that maps targets and outputs to float32 [batch].

    Raises:
        ValueError: If there is no loss of that name, or it would treat the
            logits as probabilities.

    Example:
        >>> error = custom_loss(lambda targets, out: abs(targets - out[:, 0]))
        >>> error(tf.constant([1.0]), tf.constant([[0.25]])).numpy().tolist()
        [0.75]
    """
    function = _from_logits(_find(loss))

    def per_example(targets, outputs):
        values = tf.convert_to_tensor(function(targets, outputs))
        if values.shape.rank != 1:
            raise ValueError(
                "Expected `loss` to return a loss for each example, [batch]. "
                f"Received the shape {values.shape}. Do not average over the "
                "batch: training does so, with the weights of the examples."
            )
        return tf.cast(values, tf.float32)

    return per_example


def _find(loss):
    """Returns a loss, looked up if it is given by name."""
    if not isinstance(loss, str) and callable(loss):
        return loss
    try:
        return keras.losses.get(loss)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "Expected `loss` to be a function, a Keras loss or the name of "
            f"one, such as 'huber'. Received: loss={loss!r}"
        ) from error


def _from_logits(loss) -> Callable:
    """Returns a function of targets and logits."""
    if isinstance(loss, keras.losses.Loss):
        if loss.get_config().get("from_logits", True) is False:
            raise ValueError(
                "Expected a loss of logits, which heads return. Received: "
                f"{type(loss).__name__} with from_logits=False. Set "
                "from_logits=True."
            )
        return _with_columns(loss.call)
    if loss.__module__.startswith("keras."):
        if "from_logits" in inspect.signature(loss).parameters:
            loss = functools.partial(loss, from_logits=True)
        return _with_columns(loss)
    return loss


def _with_columns(function: Callable) -> Callable:
    """Adds the last axis of targets, over which Keras' losses average.

    Targets [batch] of a single output [batch, 1] become [batch, 1] too.
    """

    def with_columns(targets, outputs):
        if outputs.shape[-1] == 1 and targets.shape.rank < outputs.shape.rank:
            targets = targets[..., None]
        return function(targets, outputs)

    return with_columns
