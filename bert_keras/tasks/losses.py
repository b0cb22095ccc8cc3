"""A loss of the user's own in place of the task's."""

import functools
import inspect
from collections.abc import Callable

import keras
import tensorflow as tf


def own_loss(loss) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns a loss as the training loop calls it.

    Args:
        loss: A function of targets and the head's output that returns a loss
            for each example, [batch]; a Keras loss; or the name of one. A
            Keras loss that has `from_logits` must be set to it, since heads
            return logits; of a name it is set.

    Returns:
        A function that maps targets and outputs to float32 [batch].

    Raises:
        ValueError: If there is no loss of that name, or it would take the
            logits for probabilities.

    Example:
        >>> error = own_loss(lambda targets, out: abs(targets - out[:, 0]))
        >>> error(tf.constant([1.0]), tf.constant([[0.25]])).numpy().tolist()
        [0.75]
    """
    function = _of_logits(_known(loss))

    def of_examples(targets, outputs):
        values = tf.convert_to_tensor(function(targets, outputs))
        if values.shape.rank != 1:
            raise ValueError(
                "Expected `loss` to return a loss for each example, [batch]. "
                f"Received the shape {values.shape}. Do not average over the "
                "batch: the training does, with the examples' weights."
            )
        return tf.cast(values, tf.float32)

    return of_examples


def _known(loss):
    """Returns a loss, found by its name if that is what was given."""
    if not isinstance(loss, str) and callable(loss):
        return loss
    try:
        return keras.losses.get(loss)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "Expected `loss` to be a function, a Keras loss or the name of "
            f"one, such as 'huber'. Received: loss={loss!r}"
        ) from error


def _of_logits(loss) -> Callable:
    """Returns a function of targets and logits."""
    if isinstance(loss, keras.losses.Loss):
        if loss.get_config().get("from_logits", True) is False:
            raise ValueError(
                "Expected a loss of logits, which heads return. Received: "
                f"{type(loss).__name__} with from_logits=False. Give "
                "from_logits=True."
            )
        return _with_columns(loss.call)
    if loss.__module__.startswith("keras."):
        if "from_logits" in inspect.signature(loss).parameters:
            loss = functools.partial(loss, from_logits=True)
        return _with_columns(loss)
    return loss


def _with_columns(function: Callable) -> Callable:
    """Gives Keras, which averages over the last axis, an axis to average.

    Targets [batch] of a single output [batch, 1] become [batch, 1] too.
    """

    def of_columns(targets, outputs):
        if outputs.shape[-1] == 1 and targets.shape.rank < outputs.shape.rank:
            targets = targets[..., None]
        return function(targets, outputs)

    return of_columns
