"""The head for each token: the logits of its tags."""

import keras

from bert_keras.contract import SEQUENCE_OUTPUT


@keras.saving.register_keras_serializable("bert_keras")
class TokenHead(keras.layers.Layer):
    """Dropout and a dense layer on each token.

    Section 4.3 and 5.3 of https://arxiv.org/abs/1810.04805.

    Args:
        width: Width of the encoder's outputs.
        outputs: Number of logits for each token: one for each tag.
        dropout: Rate before the dense layer.
        stddev: Deviation of the initial kernel.
        seed: For the initial kernel.

    Call arguments:
        encoded: The encoder's outputs; reads `sequence_output` float
            [batch, length, width].
        inputs: The encoder's inputs; not read.

    Returns:
        float32 [batch, length, outputs], logits.
    """

    pooled_only = False

    def __init__(
        self,
        width: int,
        outputs: int,
        *,
        dropout: float = 0.1,
        stddev: float = 0.02,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.width = width
        self.outputs = outputs
        self.stddev = stddev
        self.seed = seed
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.dense = keras.layers.Dense(
            outputs,
            kernel_initializer=keras.initializers.TruncatedNormal(
                stddev=stddev, seed=seed
            ),
            dtype=self.dtype_policy,
            name="dense",
        )
        self.build()

    def build(self, input_shape=None):
        self.dense.build((None, self.width))
        self.built = True

    def call(self, encoded, inputs, training=None):
        tokens = self.dropout(encoded[SEQUENCE_OUTPUT], training=training)
        return keras.ops.cast(self.dense(tokens), "float32")

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "outputs": self.outputs,
            "dropout": self.dropout.rate,
            "stddev": self.stddev,
            "seed": self.seed,
        }
