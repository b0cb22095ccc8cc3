"""One step: loss, gradients, clipping, update."""

import itertools
import math
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from bert_keras.contract import WINDOW_COUNTS
from bert_keras.training.objectives import Loss, Objective


class TrainStep:
    """Updates a network by one batch.

    The loss of a batch is the weighted mean of its examples' losses. A batch
    can be computed in slices whose gradients are summed: apart from dropout,
    the update is the same, and memory is needed for one slice only. An example
    may consist of several consecutive sequences: two texts embedded
    separately, or the windows of a long text.

    Args:
        network: Encoder inputs in, logits out.
        loss: Maps targets and logits to the loss of each example.
        optimizer: A Keras optimizer, to be built before the first step.
        global_clipnorm: Gradients are scaled down to this norm, taken over all
            of them together; `None` leaves them to the optimizer.
        specs: `tf.TensorSpec`s of inputs, targets and weights.
        gradient_accumulation_steps: Number of slices.

    Attributes:
        variables: Those that the loss depends on; an unused pooler, for
            example, is not among them.
    """

    def __init__(
        self,
        network: keras.Model,
        loss: Loss,
        optimizer: keras.optimizers.Optimizer,
        *,
        global_clipnorm: float | None,
        specs: tuple,
        gradient_accumulation_steps: int = 1,
    ):
        self._network = network
        self._loss = loss
        self._optimizer = optimizer
        self._global_clipnorm = global_clipnorm
        self._slices = gradient_accumulation_steps
        self.variables: list[keras.Variable] = []
        # No Python `if` or `for` depends on a tensor, so AutoGraph is not
        # needed.
        self._gradients = tf.function(
            self._trace_gradients, autograph=False
        ).get_concrete_function(*specs)

    def build(self) -> None:
        """Traces the update, once the optimizer is built."""
        _, *found = self._gradients.structured_outputs
        self._apply = tf.function(
            self._trace_apply, autograph=False
        ).get_concrete_function(
            *tf.nest.map_structure(tf.type_spec_from_value, found)
        )

    def __call__(self, inputs: dict, targets, weights) -> tuple[float, bool]:
        """Takes one step.

        Args:
            inputs: The encoder's inputs, each int32 [sequences, length]. All
                examples have the same number of sequences, unless
                `window_counts`, int32 [texts], gives that of each text.
            targets: [batch, ...].
            weights: float32 [batch], of the examples' losses.

        Returns:
            The loss before the step, and whether it and the gradients were
            finite. If not, no weight was changed.
        """
        # If all weights are 0, so are the loss and the gradients.
        total = weights.sum() or 1.0
        shares = (weights / total).astype(np.float32)
        loss, gradients, norm = 0.0, None, 0.0
        for chosen in _slices(len(targets), self._slices):
            inputs_in_slice = _slice_inputs(inputs, chosen, len(targets))
            slice_loss, slice_gradients, norm = self._gradients(
                {name: tf.constant(x) for name, x in inputs_in_slice.items()},
                tf.constant(targets[chosen]),
                tf.constant(shares[chosen]),
            )
            loss += float(slice_loss)
            gradients = _sum(gradients, slice_gradients)
        if self._slices > 1:
            norm = tf.linalg.global_norm(gradients)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return loss, False
        self._apply(gradients, norm)
        return loss, True

    def _trace_gradients(self, inputs, targets, shares):
        with tf.GradientTape() as tape:
            logits = self._network(inputs, training=True)
            loss = tf.reduce_sum(self._loss(targets, logits) * shares)
        variables = self._network.trainable_variables
        gradients = tape.gradient(loss, [v.value for v in variables])
        used = [i for i, g in enumerate(gradients) if g is not None]
        if not used:
            raise ValueError(
                "Expected weights to train. Received a network in which all "
                "weights are frozen. Unfreeze some: encoder.trainable = True."
            )
        self.variables = [variables[i] for i in used]
        # Slices are summed as dense gradients, which all have the same shape.
        shape = tf.convert_to_tensor if self._slices > 1 else _distinct_rows
        gradients = [shape(gradients[i]) for i in used]
        return loss, gradients, tf.linalg.global_norm(gradients)

    def _trace_apply(self, gradients, norm):
        if self._global_clipnorm is not None:
            gradients, _ = tf.clip_by_global_norm(
                gradients, self._global_clipnorm, norm
            )
        self._optimizer.apply(
            [tf.convert_to_tensor(gradient) for gradient in gradients],
            self.variables,
        )


def train_steps(
    objectives: Sequence[Objective],
    optimizer: keras.optimizers.Optimizer,
    *,
    global_clipnorm: float | None,
    gradient_accumulation_steps: int = 1,
) -> list[TrainStep]:
    """Returns a step for each objective of a training, with one optimizer.

    Args:
        objectives: Networks, which may share layers, with data and losses.
        optimizer: A Keras optimizer, not built yet. It is built for the
            variables of all objectives; each step updates those of its own.
        global_clipnorm: See `TrainStep`.
        gradient_accumulation_steps: See `TrainStep`.
    """
    steps = [
        TrainStep(
            objective.network,
            objective.loss,
            optimizer,
            global_clipnorm=global_clipnorm,
            specs=objective.data.specs,
            gradient_accumulation_steps=gradient_accumulation_steps,
        )
        for objective in objectives
    ]
    used = {id(v): v for step in steps for v in step.variables}
    optimizer.build(list(used.values()))
    for step in steps:
        step.build()
    return steps


def _slices(examples: int, count: int) -> list[slice]:
    """Returns `count` slices of nearly equal size, none of them empty."""
    edges = np.linspace(0, examples, min(count, examples) + 1).astype(int)
    return [slice(a, b) for a, b in itertools.pairwise(edges)]


def _slice_inputs(inputs: dict, chosen: slice, examples: int) -> dict:
    """Returns the inputs of some examples.

    All examples have the same number of texts, and a text is one sequence or
    as many as `window_counts` says.
    """
    counts = inputs.get(WINDOW_COUNTS)
    texts = len(next(iter(inputs.values())) if counts is None else counts)
    each = texts // examples
    start, stop = chosen.start * each, chosen.stop * each
    if counts is None:
        return {name: values[start:stop] for name, values in inputs.items()}
    ends = np.concatenate([[0], np.cumsum(counts)])
    windows = slice(ends[start], ends[stop])
    return {name: values[windows] for name, values in inputs.items()} | {
        WINDOW_COUNTS: counts[start:stop]
    }


def _distinct_rows(gradient):
    """Sums the rows of an embedding's gradient that belong to the same token.

    A batch has a few hundred of the vocabulary's 30,000 tokens. Until the
    update the gradient consists of their rows only, which halves the numbers
    to clip.
    """
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    ids, inverse = tf.unique(gradient.indices)
    rows = tf.math.unsorted_segment_sum(gradient.values, inverse, tf.size(ids))
    return tf.IndexedSlices(rows, ids, gradient.dense_shape)


def _sum(total: list | None, gradients: list) -> list:
    if total is None:
        return gradients
    return [a + b for a, b in zip(total, gradients, strict=True)]
