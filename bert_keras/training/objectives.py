"""The objectives of a training, and the order of their batches.

One task is one objective. In multi-task training several objectives share an
encoder, and their batches are mixed: https://arxiv.org/abs/1901.11504,
section 3.
"""

import dataclasses
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from bert_keras.training.batches import epoch_batches
from bert_keras.training.data import BatchSource

# (targets [batch, ...], logits [batch, outputs]) -> loss per example, [batch]
Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


@dataclasses.dataclass(frozen=True)
class Objective:
    """What one task contributes to a training.

    Attributes:
        network: Encoder inputs in, logits out.
        data: `TrainingData`, or a class like it.
        loss: Maps targets and logits to the loss of each example.
        name: The task's name in logs.
    """

    network: keras.Model
    data: BatchSource
    loss: Loss
    name: str = ""


@dataclasses.dataclass(frozen=True)
class Mixture:
    """How the batches of several objectives make up an epoch.

    An epoch has as many batches as the data of all objectives together, or
    `steps_per_epoch`. The share of an objective is proportional to the size of
    its data to the power `sampling_exponent`:

    | `sampling_exponent` | sizes 900, 100 | |
    |---|---|---|
    | 1 | 900, 100 | each example is seen once per epoch |
    | 0.5 | 750, 250 | the small data set is repeated 2.5 times |
    | 0 | 500, 500 | equal shares |

    The powers in between are those of https://arxiv.org/abs/1910.10683, section
    3.5.2, where their inverse is called temperature.

    Attributes:
        objectives: The objectives.
        batch_size: Examples per batch.
        seed: Seed of the training.
        sampling_exponent: From 0 to 1.
        steps_per_epoch: Batches per epoch; `None` for all data.

    Example:
        >>> mixture = Mixture([], 1, seed=0, sampling_exponent=0.5)
        >>> mixture.shares([900, 100])
        [750, 250]
    """

    objectives: Sequence[Objective]
    batch_size: int
    seed: int
    sampling_exponent: float = 1.0
    steps_per_epoch: int | None = None

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return sum(self.shares(self._sizes))

    @property
    def _sizes(self) -> list[int]:
        """Batches in the data of each objective."""
        return [-(-len(o.data) // self.batch_size) for o in self.objectives]

    def shares(self, sizes: Sequence[int]) -> list[int]:
        """Returns how many batches per epoch each objective has.

        Args:
            sizes: Batches in the data of each.
        """
        powers = np.asarray(sizes, float) ** self.sampling_exponent
        total = self.steps_per_epoch or sum(sizes)
        return [max(1, round(s)) for s in total * powers / powers.sum()]

    def epoch(self, epoch: int) -> list[tuple[int, np.ndarray]]:
        """Returns the batches of an epoch in their order.

        It is a pure function of the seed and the epoch, so that a resumed
        training sees the same batches.

        Args:
            epoch: Index of the epoch, from 0.

        Returns:
            Pairs of an objective's index and the indices of its examples.
        """
        sizes = self._sizes
        plan = []
        for number, (size, share) in enumerate(
            zip(sizes, self.shares(sizes), strict=True)
        ):
            batches = self._batches(number, size, epoch * share, share)
            plan += [(number, batch) for batch in batches]
        if len(self.objectives) == 1:
            return plan
        random = np.random.default_rng([self.seed, epoch, len(sizes)])
        return [plan[i] for i in random.permutation(len(plan))]

    def _batches(
        self, number: int, size: int, start: int, count: int
    ) -> list[np.ndarray]:
        """Returns batches `start` to `start + count` of data that repeats."""
        data = self.objectives[number].data
        batches = []
        for repetition in range(start // size, (start + count - 1) // size + 1):
            first = repetition * size
            batches += epoch_batches(
                data.lengths,
                self.batch_size,
                seed=self.seed,
                epoch=repetition,
                sampling_probabilities=data.sampling_probabilities,
            )[max(0, start - first) : start + count - first]
        return batches
