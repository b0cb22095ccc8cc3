"""The loss on validation data."""

import keras
import numpy as np
import tensorflow as tf

from bert_keras.training.data import BatchSource
from bert_keras.training.objectives import Loss

_BATCH_SIZE = 64
_MAX_SEQUENCES = 512  # per batch of long texts, unless a single text has more


class ValidationLoss:
    """The mean loss on validation data, without dropout.

    Args:
        network: Encoder inputs in, logits out.
        loss: Maps targets and logits to the loss of each example.
        data: See `TrainingData`.
    """

    def __init__(self, network: keras.Model, loss: Loss, data: BatchSource):
        self._data = data
        # Examples of similar length share a batch: there is hardly any padding.
        self._order = np.argsort(data.lengths, kind="stable")
        inputs, targets, _ = data.specs

        def total(inputs, targets):
            logits = network(inputs, training=False, packed=True)
            return tf.reduce_sum(loss(targets, logits))

        self._total = tf.function(total, input_signature=[inputs, targets])

    def __call__(self) -> float:
        """Returns the mean loss with the current weights."""
        random = np.random.default_rng(0)
        total = 0.0
        for chosen in self._batches():
            inputs, targets, _ = self._data.batch(chosen, random)
            total += float(self._total(inputs, targets))
        return total / len(self._order)

    def _batches(self) -> list[np.ndarray]:
        """Returns the indices of the examples of each batch."""
        ends = np.cumsum(self._data.sequence_counts[self._order])
        batches, start = [], 0
        while start < len(ends):
            before = ends[start - 1] if start else 0
            limit = before + _MAX_SEQUENCES
            fitting = np.searchsorted(ends, limit, side="right")
            end = min(start + _BATCH_SIZE, max(fitting, start + 1))
            batches.append(self._order[start:end])
            start = end
        return batches
