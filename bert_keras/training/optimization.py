"""Optimization: the optimizer that updates the weights, and its settings."""

import dataclasses
from collections.abc import Mapping

import keras
import tensorflow as tf

from bert_keras.settings import TrainingSettings
from bert_keras.training.learning_rate import WarmupLinearDecay

# Names of the weights that do not decay: biases and normalizations.
_NO_DECAY = ["bias", "gamma", "beta"]
# Settings that an optimizer instance has itself.
_OPTIMIZER_SETTINGS = (
    "learning_rate",
    "warmup_ratio",
    "weight_decay",
    "global_clipnorm",
    "layer_decay",
)


@keras.saving.register_keras_serializable("bert_keras")
class FusedAdamW(keras.optimizers.AdamW):
    """Keras' AdamW with TensorFlow's fused kernel for the update.

    An update touches every weight and both its moments. Keras composes it from
    some ten operations, each a pass over memory; the kernel makes a single
    pass, in half the time, with the same results up to rounding. Values that
    all weights share, such as the learning rate, are computed only once.

    An update may cover only some of the weights: in multi-task training, a
    batch does not touch the heads of the other tasks. So the bias correction
    of the moments counts the updates of each weight separately.

    Attributes:
        rate_multipliers: Factor on the learning rate of a weight, by the
            weight's path; 1 for weights that are not listed.
    """

    rate_multipliers: Mapping[str, float] = {}

    def build(self, variables):
        """Creates moments and update counts; see `keras.optimizers`."""
        super().build(variables)
        self._updates = self.add_variable(
            (len(variables),), initializer="zeros", name="updates"
        )

    def apply(self, grads, trainable_variables=None):
        """Updates weights and their moments; see `keras.optimizers`."""
        shared_rate = tf.convert_to_tensor(self.learning_rate)
        shared = {
            "beta1": tf.constant(self.beta_1),
            "beta2": tf.constant(self.beta_2),
            "epsilon": tf.constant(self.epsilon),
        }
        variables = trainable_variables or self._trainable_variables
        slots = [self._get_variable_index(variable) for variable in variables]
        powers = self._powers(slots)
        for gradient, variable, slot, (power_1, power_2) in zip(
            grads, variables, slots, powers, strict=True
        ):
            weight = variable.value
            rate = shared_rate
            if variable.path in self.rate_multipliers:
                rate = rate * self.rate_multipliers[variable.path]
            if self._use_weight_decay(variable):
                weight.assign_sub(weight * (rate * self.weight_decay))
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=self._momentums[slot].value.handle,
                v=self._velocities[slot].value.handle,
                grad=gradient,
                lr=rate,
                beta1_power=power_1,
                beta2_power=power_2,
                **shared,
            )
        self.iterations.assign_add(1)

    def _powers(self, slots: list[int]):
        """Counts an update, and returns both betas to the power of the count.

        Args:
            slots: Indices of the weights to update.

        Returns:
            A pair of float32 scalars per weight.
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


@dataclasses.dataclass(frozen=True)
class OptimizerChoice:
    """An optimizer or schedule instead of AdamW with warm-up and linear decay.

    Attributes:
        optimizer: A Keras optimizer, or the name of one; `None` for AdamW. An
            instance keeps its own learning rate, decay and clipping; an
            optimizer given by name takes these from the settings.
        schedule: Maps the index of an update, from 0, to its learning rate;
            `None` for a linear warm-up and decay.
        rate_multipliers: See `FusedAdamW`.

    Raises:
        ValueError: If there is no optimizer of that name.
    """

    optimizer: keras.optimizers.Optimizer | str | None = None
    schedule: keras.optimizers.schedules.LearningRateSchedule | None = None
    rate_multipliers: Mapping[str, float] = dataclasses.field(
        default_factory=dict
    )

    def __post_init__(self):
        if self.is_instance or self.optimizer is None:
            return
        try:
            keras.optimizers.get(self.optimizer)
        except (ValueError, TypeError) as error:
            raise ValueError(
                "Expected `optimizer` to be a Keras optimizer or the name of "
                f"one, such as 'adamw' or 'sgd'. Received: {self.optimizer!r}"
            ) from error

    @property
    def is_instance(self) -> bool:
        """Whether the optimizer has its own settings."""
        return isinstance(self.optimizer, keras.optimizers.Optimizer)

    def check(self, given: Mapping) -> None:
        """Raises if settings were given that the optimizer would ignore.

        Args:
            given: The settings that were given, by name.
        """
        ignored = [name for name in _OPTIMIZER_SETTINGS if name in given]
        if self.is_instance and (ignored or self.schedule is not None):
            raise ValueError(
                "Expected no other settings with an `optimizer` that has its "
                "own learning rate, decay and clipping. "
                f"Received: {', '.join(ignored) or 'learning_rate'}. Set them "
                "in the optimizer, or give its name instead, such as "
                "optimizer='sgd'."
            )
        if self.optimizer is not None and given.get("layer_decay", 1.0) != 1.0:
            raise ValueError(
                "Expected no `optimizer` with `layer_decay`, which only AdamW "
                f"supports. Received: optimizer={self.optimizer!r}"
            )

    def to_dict(self) -> dict:
        """Returns what tells this choice from others, ready for JSON."""
        named = {"optimizer": self.optimizer, "schedule": self.schedule}
        return {
            name: keras.saving.serialize_keras_object(value)
            if not isinstance(value, str)
            else value
            for name, value in named.items()
            if value is not None
        }


def make_optimizer(
    settings: TrainingSettings, choice: OptimizerChoice | None = None
) -> keras.optimizers.Optimizer:
    """Returns the optimizer of a training.

    By default AdamW (https://arxiv.org/abs/1711.05101) with BERT's epsilon.
    Biases and normalizations do not decay. `TrainStep` clips the gradients.

    Args:
        settings: Learning rate and decay.
        choice: An optimizer instead of the default one.
    """
    choice = choice or OptimizerChoice()
    if choice.is_instance:
        return choice.optimizer
    if choice.optimizer is None:
        optimizer = FusedAdamW(
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            epsilon=1e-6,
        )
        optimizer.rate_multipliers = choice.rate_multipliers
    else:
        optimizer = keras.optimizers.get(choice.optimizer)
        optimizer.learning_rate = settings.learning_rate
        optimizer.weight_decay = settings.weight_decay
    if optimizer.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=_NO_DECAY)
    return optimizer


def make_schedule(
    settings: TrainingSettings,
    total_steps: int,
    choice: OptimizerChoice | None = None,
):
    """Returns the schedule of a training; `None` if its optimizer has its own.

    Args:
        settings: Learning rate and warm-up.
        total_steps: Updates of the whole training.
        choice: A schedule instead of a warm-up and a linear decay.
    """
    choice = choice or OptimizerChoice()
    if choice.is_instance:
        return None
    return choice.schedule or WarmupLinearDecay(
        settings.learning_rate,
        warmup_steps=round(settings.warmup_ratio * total_steps),
        total_steps=total_steps,
    )
