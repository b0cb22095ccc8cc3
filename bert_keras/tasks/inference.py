"""Inference within Python: packed rows of like length, through the network."""

import numpy as np
import tensorflow as tf

from bert_keras.contract import encoder_input_specs
from bert_keras.training import Rows

_BATCH_SIZE = 64


class Inference:
    """Runs rows through a network and returns logits in the rows' order.

    Args:
        network: Encoder inputs in, logits out.
    """

    def __init__(self, network):
        self._run = tf.function(
            lambda inputs: network(inputs, training=False, packed=True),
            input_signature=[encoder_input_specs()],
        )

    def __call__(self, rows: Rows) -> np.ndarray:
        """Returns float32 [rows, outputs]."""
        # Neighbours in length share a batch, so that attention, which works
        # on rows, computes little padding either.
        order = np.argsort(rows.lengths, kind="stable")
        logits = [
            self._run(rows.batch(order[i : i + _BATCH_SIZE])).numpy()
            for i in range(0, len(order), _BATCH_SIZE)
        ]
        result = np.empty([len(order), logits[0].shape[1]], np.float32)
        result[order] = np.concatenate(logits)
        return result
