"""The loss on data that a training does not learn from."""

import keras
import numpy as np
import tensorflow as tf

from bert_keras.training.data import BatchSource
from bert_keras.training.objectives import Loss

_BATCH_SIZE = 64
_MOST_ROWS = 512  # of a batch of long texts, unless a single one has more


class ValidationLoss:
    """The mean loss of the rows of some data, dropout off.

    Args:
        network: Encoder inputs in, logits out.
        loss: Targets and logits to the loss of each row.
        data: `TrainingData`, or a class like it.
    """

    def __init__(self, network: keras.Model, loss: Loss, data: BatchSource):
        self._data = data
        # Neighbours in length share a batch: there is next to no padding.
        self._order = np.argsort(data.lengths, kind="stable")
        inputs, targets, _ = data.specs

        def total(inputs, targets):
            logits = network(inputs, training=False, packed=True)
            return tf.reduce_sum(loss(targets, logits))

        self._total = tf.function(total, input_signature=[inputs, targets])

    def __call__(self) -> float:
        """Returns the mean, as the weights stand now."""
        random = np.random.default_rng(0)
        total = 0.0
        for chosen in self._batches():
            inputs, targets, _ = self._data.batch(chosen, random)
            total += float(self._total(inputs, targets))
        return total / len(self._order)

    def _batches(self) -> list[np.ndarray]:
        """Returns which examples are worked through at once."""
        rows = np.cumsum(self._data.sequence_counts[self._order])
        batches, start = [], 0
        while start < len(rows):
            before = rows[start - 1] if start else 0
            fitting = np.searchsorted(rows, before + _MOST_ROWS, side="right")
            end = min(start + _BATCH_SIZE, max(fitting, start + 1))
            batches.append(self._order[start:end])
            start = end
        return batches
