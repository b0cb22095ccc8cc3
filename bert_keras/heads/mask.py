"""The head of the masked language model task."""

import keras

from bert_keras.config import BertConfig
from bert_keras.contract import MASKED_LM_POSITIONS, SEQUENCE_OUTPUT
from bert_keras.heads.masked_lm import MaskedLMHead


@keras.saving.register_keras_serializable("bert_keras")
class MaskHead(keras.layers.Layer):
    """`MaskedLMHead`, with the call arguments of a task's head.

    Args:
        config: The encoder's configuration.
        tied: Whether tokens are compared with the encoder's word table, which
            `Network` passes to each call. Otherwise the head has a kernel of
            its own.
        seed: For the initial kernels.

    Call arguments:
        encoded: The encoder's outputs; reads `sequence_output` float
            [batch, length, width].
        inputs: The encoder's inputs and `masked_lm_positions`, int
            [batch, masks], which is all that is read of them.
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
        # With this head's name, so that its weights are named `head/dense/...`
        # like those of other heads.
        self.masked_lm = MaskedLMHead(
            config,
            tied=tied,
            seed=seed,
            dtype=self.dtype_policy,
            name=self.name,
        )
        self.built = True

    def call(self, encoded, inputs, training=None, table=None):
        return self.masked_lm(
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
