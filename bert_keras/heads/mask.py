"""The head that answers for each masked place of a row."""

from collections.abc import Callable

import keras

from bert_keras.config import BertConfig
from bert_keras.contract import MASKED_LM_POSITIONS, SEQUENCE_OUTPUT
from bert_keras.heads.masked_lm import MaskedLMHead


class MaskHead(keras.layers.Layer):
    """`MaskedLMHead`, called as the heads of tasks are.

    Args:
        config: Of the encoder.
        table: Returns the encoder's word table, float
            [vocab_size, hidden_size], with which pieces are compared; without
            it the head has a kernel of its own. A function, because Keras
            would take the table itself for a weight of this head.
        seed: Of the fresh kernels.

    Call arguments:
        encoded: The encoder's outputs, of which `sequence_output` float
            [batch, length, width] is read.
        inputs: The encoder's inputs with `masked_lm_positions` int
            [batch, masks], which is read.

    Returns:
        float32 [batch, masks, vocab_size], logits.
    """

    pooled_only = False

    def __init__(
        self,
        config: BertConfig,
        *,
        table: Callable | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self._table = table
        # Under this head's own name, so that its weights are `head/dense/...`
        # as those of other heads.
        self.guess = MaskedLMHead(
            config,
            tied=table is not None,
            seed=seed,
            dtype=self.dtype_policy,
            name=self.name,
        )
        self.built = True

    def call(self, encoded, inputs, training=None):
        return self.guess(
            encoded[SEQUENCE_OUTPUT],
            inputs[MASKED_LM_POSITIONS],
            table=None if self._table is None else self._table(),
        )
