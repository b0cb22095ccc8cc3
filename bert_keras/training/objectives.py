"""The parts of a training: what is learned, and whose batch comes next.

One task is one part. Several tasks that share an encoder are several parts,
whose batches take turns, as in section 3 of https://arxiv.org/abs/1901.11504.
"""

import dataclasses
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from bert_keras.training.batches import epoch_batches
from bert_keras.training.data import TrainingData

# (targets [batch, ...], logits [batch, outputs]) -> loss of each row, [batch]
Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


@dataclasses.dataclass(frozen=True)
class Objective:
    """One task's part of a training.

    Attributes:
        network: Encoder inputs in, logits out.
        data: What it learns from: `TrainingData`, or what offers the same.
        loss: Targets and logits to the loss of each row.
        name: Of the task, in logs.
    """

    network: keras.Model
    data: TrainingData
    loss: Loss
    name: str = ""


def turns(sizes: Sequence[int], *, sampling_exponent: float = 1.0) -> list[int]:
    """Returns how many batches of an epoch each part has.

    All together are as many as all parts have. A part's share grows with its
    size to the power `sampling_exponent`:

    | `sampling_exponent` | sizes 900, 100 | |
    |---|---|---|
    | 1 | 900, 100 | each example is seen once an epoch |
    | 0.5 | 750, 250 | the small part goes round 2.5 times |
    | 0 | 500, 500 | all parts alike |

    The powers between are those of https://arxiv.org/abs/1910.10683, section
    3.5.2, where their inverse is called temperature.

    Args:
        sizes: Batches of each part.
        sampling_exponent: The power, from 0 to 1.

    Example:
        >>> turns([900, 100], sampling_exponent=0.5)
        [750, 250]
    """
    shares = np.asarray(sizes, float) ** sampling_exponent
    wanted = sum(sizes) * shares / shares.sum()
    return [max(1, round(count)) for count in wanted]


def epoch_plan(
    parts: Sequence[Objective],
    batch_size: int,
    *,
    seed: int,
    epoch: int,
    sampling_exponent: float = 1.0,
) -> list[tuple[int, np.ndarray]]:
    """Returns whose batch comes when in an epoch, and which rows it has.

    Like the batches of a part, this is a pure function of seed and epoch.

    Args:
        parts: Of the training.
        batch_size: Rows of a batch.
        seed: The training's.
        epoch: Number of the epoch, from 0.
        sampling_exponent: See `turns`.

    Returns:
        Pairs of the number of a part and indices of its rows.
    """
    sizes = [_size(part, batch_size) for part in parts]
    plan = []
    for number, (part, size, count) in enumerate(
        zip(
            parts,
            sizes,
            turns(sizes, sampling_exponent=sampling_exponent),
            strict=True,
        )
    ):
        batches = _batches(part, batch_size, seed, size, epoch * count, count)
        plan += [(number, batch) for batch in batches]
    if len(parts) == 1:
        return plan
    random = np.random.default_rng([seed, epoch, len(parts)])
    return [plan[i] for i in random.permutation(len(plan))]


def plan_length(
    parts: Sequence[Objective],
    batch_size: int,
    *,
    sampling_exponent: float = 1.0,
) -> int:
    """Returns how many batches an epoch has."""
    sizes = [_size(part, batch_size) for part in parts]
    return sum(turns(sizes, sampling_exponent=sampling_exponent))


def _size(part: Objective, batch_size: int) -> int:
    return -(-len(part.data) // batch_size)


def _batches(part, batch_size, seed, size, start, count) -> list[np.ndarray]:
    """Returns some batches of a part whose data is gone round and round."""
    batches = []
    for round_ in range(start // size, (start + count - 1) // size + 1):
        first = round_ * size
        batches += epoch_batches(
            part.data.lengths,
            batch_size,
            seed=seed,
            epoch=round_,
            sampling_probabilities=part.data.sampling_probabilities,
        )[max(0, start - first) : start + count - first]
    return batches
