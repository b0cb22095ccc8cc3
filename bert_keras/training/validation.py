"""The loss on data that a training does not learn from."""

import keras
import numpy as np
import tensorflow as tf

from bert_keras.training.parts import Loss

_BATCH_SIZE = 64


class ValidationLoss:
    """The mean loss of the rows of some data, dropout off.

    Args:
        network: Encoder inputs in, logits out.
        loss: Targets and logits to the loss of each row.
        data: See `TrainingData`.
    """

    def __init__(self, network: keras.Model, loss: Loss, data):
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
        for start in range(0, len(self._order), _BATCH_SIZE):
            chosen = self._order[start : start + _BATCH_SIZE]
            inputs, targets, _ = self._data.batch(chosen, random)
            total += float(self._total(inputs, targets))
        return total / len(self._order)
