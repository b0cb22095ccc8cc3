"""The head that answers for each masked place of a row."""

import keras

from bert_keras.config import BertConfig
from bert_keras.contract import MASKED_LM_POSITIONS, SEQUENCE_OUTPUT
from bert_keras.heads.masked_lm import MaskedLMHead


@keras.saving.register_keras_serializable("bert_keras")
class MaskHead(keras.layers.Layer):
    """`MaskedLMHead`, called as the heads of tasks are.

    Args:
        config: Of the encoder.
        tied: Whether tokens are compared with the encoder's word table, which
            `Network` passes to each call. Otherwise the head has a kernel of
            its own.
        seed: For the initial kernels.

    Call arguments:
        encoded: The encoder's outputs, of which `sequence_output` float
            [batch, length, width] is read.
        inputs: The encoder's inputs with `masked_lm_positions` int
            [batch, masks], which is read.
        table: The encoder's word table, float [vocab_size, hidden_size], if
            the head is tied.

    Returns:
        float32 [batch, masks, vocab_size], logits.
    """

    pooled_only = False

    def __init__(
        self,
        config: BertConfig,
        *,
        tied: bool = True,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.config = config
        self.tied = tied
        self.seed = seed
        # Under this head's own name, so that its weights are `head/dense/...`
        # as those of other heads.
        self.guess = MaskedLMHead(
            config,
            tied=tied,
            seed=seed,
            dtype=self.dtype_policy,
            name=self.name,
        )
        self.built = True

    def call(self, encoded, inputs, training=None, table=None):
        return self.guess(
            encoded[SEQUENCE_OUTPUT],
            inputs[MASKED_LM_POSITIONS],
            table=table,
        )

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "config": self.config.to_dict(),
            "tied": self.tied,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        return super().from_config(
            {**config, "config": BertConfig(**config["config"])}
        )
