"""Optimization: AdamW with linear warm-up and decay."""

import keras
import tensorflow as tf
from keras import ops

from bert_keras.settings import TrainingSettings

# Names of the weights that do not decay: biases and normalizations.
_NO_DECAY = ["bias", "gamma", "beta"]


@keras.saving.register_keras_serializable("bert_keras")
class WarmupLinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Rises from zero to the peak, then falls back to zero, in straight lines.

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
        """Returns the learning rate of update `step`, from 0."""
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


class FusedAdamW(keras.optimizers.AdamW):
    """Keras' AdamW with TensorFlow's own kernel for the update.

    An update touches every weight and both its moments. Keras composes it of
    some ten operations that each walk through memory; the kernel walks once,
    in half the time, with the same numbers to rounding. What all weights have
    in common, such as the learning rate, is worked out once and not for each.

    An update may be of some weights alone: where several tasks are trained, a
    batch leaves the heads of the others as they are. So moments, which start
    at zero, are corrected for the updates that each weight has had itself.
    """

    def build(self, variables):
        """Makes moments and counts; see `keras.optimizers`."""
        super().build(variables)
        self._updates = self.add_variable(
            (len(variables),), initializer="zeros", name="updates"
        )

    def apply(self, grads, trainable_variables=None):
        """Updates weights and their moments; see `keras.optimizers`."""
        rate = tf.convert_to_tensor(self.learning_rate)
        shared = {
            "lr": rate,
            "beta1": tf.constant(self.beta_1),
            "beta2": tf.constant(self.beta_2),
            "epsilon": tf.constant(self.epsilon),
        }
        decay = rate * self.weight_decay
        variables = trainable_variables or self._trainable_variables
        slots = [self._get_variable_index(variable) for variable in variables]
        powers = self._powers(slots)
        for gradient, variable, slot, (power_1, power_2) in zip(
            grads, variables, slots, powers, strict=True
        ):
            weight = variable.value
            if self._use_weight_decay(variable):
                weight.assign_sub(weight * decay)
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=self._momentums[slot].value.handle,
                v=self._velocities[slot].value.handle,
                grad=gradient,
                beta1_power=power_1,
                beta2_power=power_2,
                **shared,
            )
        self.iterations.assign_add(1)

    def _powers(self, slots: list[int]):
        """Counts an update, and returns both betas to the power of the count.

        Args:
            slots: Of the weights to update.

        Returns:
            A pair of float32 scalars for each.
        """
        one_more = tf.scatter_nd(
            [[slot] for slot in slots],
            tf.ones([len(slots)]),
            [len(self._trainable_variables)],
        )
        updates = self._updates.value
        updates.assign_add(one_more)
        counts = tf.gather(updates, slots)
        return zip(
            tf.unstack(tf.pow(self.beta_1, counts)),
            tf.unstack(tf.pow(self.beta_2, counts)),
            strict=True,
        )


def make_optimizer(
    settings: TrainingSettings, *, total_steps: int
) -> keras.optimizers.Optimizer:
    """Returns the optimizer of a training.

    AdamW (https://arxiv.org/abs/1711.05101) with BERT's epsilon and no decay of
    biases and normalizations. `TrainStep` clips the gradients.

    Args:
        settings: Learning rate, warm-up, decay.
        total_steps: Updates of the whole training.
    """
    optimizer = FusedAdamW(
        WarmupLinearDecay(
            settings.learning_rate,
            warmup_steps=round(settings.warmup_ratio * total_steps),
            total_steps=total_steps,
        ),
        weight_decay=settings.weight_decay,
        epsilon=1e-6,
    )
    optimizer.exclude_from_weight_decay(var_names=_NO_DECAY)
    return optimizer
