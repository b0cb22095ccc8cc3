"""The head for a span: the logits of its start and of its end."""

import keras
from keras import ops

from bert_keras.contract import INPUT_MASK, SEQUENCE_OUTPUT

# The logit of padding: softmax gives it a probability of zero.
_HIDDEN = -1e9


@keras.saving.register_keras_serializable("bert_keras")
class SpanHead(keras.layers.Layer):
    """A dense layer on each token, to the logits of a span.

    Section 4.2 of https://arxiv.org/abs/1810.04805. If there is no answer, the
    span starts and ends at the first position, [CLS].

    Args:
        width: Width of the encoder's outputs.
        stddev: Deviation of the initial kernel.
        seed: For the initial kernel.

    Call arguments:
        encoded: The encoder's outputs; reads `sequence_output` float
            [batch, length, width].
        inputs: The encoder's inputs; reads `input_mask` int [batch, length].

    Returns:
        float32 [batch, length, 2], logits of starts and ends; -1e9 at
        padding.
    """

    pooled_only = False

    def __init__(
        self,
        width: int,
        *,
        stddev: float = 0.02,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.width = width
        self.stddev = stddev
        self.seed = seed
        self.dense = keras.layers.Dense(
            2,
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
        logits = ops.cast(self.dense(encoded[SEQUENCE_OUTPUT]), "float32")
        real = ops.cast(inputs[INPUT_MASK], "bool")[:, :, None]
        return ops.where(real, logits, _HIDDEN)

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "stddev": self.stddev,
            "seed": self.seed,
        }
