"""One step: loss, gradients, clipping, update."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from bert_keras.contract import encoder_input_specs

# (targets [batch, ...], logits [batch, outputs]) -> loss of each row, [batch]
Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


class TrainStep:
    """Updates a network by one batch.

    The loss of a batch is the weighted mean of its rows' losses. A batch can
    be worked through in slices whose gradients are summed: the update is the
    same, dropout apart, and memory is that of a slice.

    Args:
        network: Encoder inputs in, logits out.
        loss: Targets and logits to the loss of each row.
        optimizer: A Keras optimizer, not built yet.
        clip_norm: Gradients longer than this, taken together, are shortened.
        targets: An example of the targets, for their shape and dtype.
        accumulation: Number of slices.
    """

    def __init__(
        self,
        network: keras.Model,
        loss: Loss,
        optimizer: keras.optimizers.Optimizer,
        *,
        clip_norm: float,
        targets: np.ndarray,
        accumulation: int = 1,
    ):
        self._network = network
        self._loss = loss
        self._optimizer = optimizer
        self._clip_norm = clip_norm
        self._slices = accumulation
        specs = [
            encoder_input_specs(),
            tf.TensorSpec([None, *targets.shape[1:]], targets.dtype),
            tf.TensorSpec([None], tf.float32),
        ]
        self._variables = self._used_variables(specs)
        optimizer.build(self._variables)
        self._update_at_once = tf.function(self._update, input_signature=specs)
        self._add_slice = tf.function(self._accumulate, input_signature=specs)
        self._sums = None

    def __call__(self, inputs: dict, targets, weights) -> tuple[float, bool]:
        """Takes one step.

        Args:
            inputs: The encoder's inputs, each int32 [batch, length].
            targets: [batch, ...].
            weights: float32 [batch], of the rows' losses.

        Returns:
            The loss before the step, and whether it and the gradients were
            finite. If not, no weight was changed.
        """
        shares = (weights / weights.sum()).astype(np.float32)
        if self._slices == 1:
            loss, finite = self._update_at_once(inputs, targets, shares)
            return float(loss), bool(finite)
        return self._step_in_slices(inputs, targets, shares)

    def _step_in_slices(self, inputs, targets, shares):
        if self._sums is None:
            self._sums = [tf.Variable(tf.zeros(v.shape)) for v in self._variables]
            self._apply_sums = tf.function(self._apply_accumulated)
        loss = 0.0
        for rows in np.array_split(np.arange(len(targets)), self._slices):
            if len(rows):
                part = {name: values[rows] for name, values in inputs.items()}
                loss += float(
                    self._add_slice(part, targets[rows], shares[rows])
                )
        return loss, bool(self._apply_sums(tf.constant(loss)))

    def _gradients(self, inputs, targets, shares, variables):
        with tf.GradientTape() as tape:
            logits = self._network(inputs, training=True)
            loss = tf.reduce_sum(self._loss(targets, logits) * shares)
        # The word table's gradient comes as rows; everything after this line
        # is the same for all weights.
        return loss, [
            None if gradient is None else tf.convert_to_tensor(gradient)
            for gradient in tape.gradient(
                loss, [variable.value for variable in variables]
            )
        ]

    def _used_variables(self, specs) -> list:
        """The weights that the loss depends on: not an unused pooler."""
        variables = self._network.trainable_variables
        used = []

        def trace(*batch):
            _, gradients = self._gradients(*batch, variables)
            used[:] = [
                variable
                for variable, gradient in zip(variables, gradients, strict=True)
                if gradient is not None
            ]

        tf.function(trace).get_concrete_function(*specs)
        return used

    def _update(self, inputs, targets, shares):
        loss, gradients = self._gradients(
            inputs, targets, shares, self._variables
        )
        return loss, self._apply_if_finite(loss, gradients)

    def _accumulate(self, inputs, targets, shares):
        loss, gradients = self._gradients(
            inputs, targets, shares, self._variables
        )
        for total, gradient in zip(self._sums, gradients, strict=True):
            total.assign_add(tf.cast(gradient, total.dtype))
        return loss

    def _apply_accumulated(self, loss):
        finite = self._apply_if_finite(loss, [s.value() for s in self._sums])
        for total in self._sums:
            total.assign(tf.zeros_like(total))
        return finite

    def _apply_if_finite(self, loss, gradients):
        norm = tf.linalg.global_norm(gradients)
        finite = tf.math.is_finite(loss) & tf.math.is_finite(norm)
        scale = self._clip_norm / tf.maximum(norm, self._clip_norm)

        def apply():
            self._apply(gradients, scale)
            return True

        return tf.cond(finite, apply, lambda: False)

    # The update reads and writes every weight and both moments, some ten
    # elementwise operations each. XLA makes one pass of them; their shapes
    # never change, so it compiles once. The network itself stays outside:
    # its shapes change with every batch.
    @tf.function(jit_compile=True)
    def _apply(self, gradients, scale):
        scaled = [gradient * scale for gradient in gradients]
        self._optimizer.apply(scaled, self._variables)
