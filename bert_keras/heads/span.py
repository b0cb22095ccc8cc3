"""The head that answers by a span: where it starts, and where it ends."""

import keras
from keras import ops

from bert_keras.contract import INPUT_MASK, SEQUENCE_OUTPUT

# Of a place that is padding: no softmax gives it a share.
_HIDDEN = -1e9


@keras.saving.register_keras_serializable("bert_keras")
class SpanHead(keras.layers.Layer):
    """A dense layer on each token, to the logits of a span.

    Section 4.2 of https://arxiv.org/abs/1810.04805. The first place, [CLS],
    is where a span starts and ends if there is none.

    Args:
        width: Width of the encoder's outputs.
        stddev: Of the fresh kernel.
        seed: Of the fresh kernel.

    Call arguments:
        encoded: The encoder's outputs, of which `sequence_output` float
            [batch, length, width] is read.
        inputs: The encoder's inputs, of which `input_mask` int
            [batch, length] is read.

    Returns:
        float32 [batch, length, 2], logits of start and end; -1e9 at padding.
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
