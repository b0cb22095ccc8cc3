"""The head for a whole text: the logits of classes, or a score."""

import keras

from bert_keras.contract import (
    INPUT_MASK,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
    WINDOW_COUNTS,
)
from bert_keras.layers import Pooling, WindowPooling


@keras.saving.register_keras_serializable("bert_keras")
class PooledHead(keras.layers.Layer):
    """Pooling to one vector, dropout, and a dense layer.

    With `"cls"` the vector is the encoder's pooled output, as in section 3.2
    of https://arxiv.org/abs/1810.04805; with `"mean"` or `"max"` it is pooled
    from the sequence output. If a text is split into windows, each window is a
    sequence, and their vectors are pooled in turn.

    Args:
        width: Width of the encoder's outputs.
        outputs: Number of logits: one for each class, or 1 for a score.
        pooling: `"cls"`, `"mean"` or `"max"`.
        windows: How the vectors of a text's windows are pooled; see
            `WindowPooling`. `None` if each text is one sequence.
        dropout: Rate before the dense layer.
        stddev: Deviation of the initial kernel.
        seed: For the initial kernel.

    Call arguments:
        encoded: The encoder's outputs; reads `pooled_output` float
            [batch, width], or `sequence_output` float [batch, length, width].
        inputs: The encoder's inputs; reads `input_mask` int [batch, length]
            and, with `windows`, `window_counts` int [texts].

    Returns:
        float32 [texts, outputs], logits.
    """

    def __init__(
        self,
        width: int,
        outputs: int,
        *,
        pooling: str = "cls",
        windows: str | None = None,
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
        self.pooling = Pooling(pooling, dtype=self.dtype_policy)
        self.windows = (
            None
            if windows is None
            else WindowPooling(windows, dtype=self.dtype_policy, name="windows")
        )
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

    @property
    def pooled_only(self) -> bool:
        """Whether this head reads `pooled_output` alone."""
        return self.pooling.mode == "cls"

    def build(self, input_shape=None):
        if self.windows is not None:
            self.windows.build((None, self.width))
        self.dense.build((None, self.width))
        self.built = True

    def call(self, encoded, inputs, training=None):
        vectors = self.vectors(encoded, inputs)
        return self.answer(
            vectors, inputs.get(WINDOW_COUNTS), training=training
        )

    def vectors(self, encoded, inputs):
        """Returns the vector of each sequence, float [batch, width]."""
        if self.pooled_only:
            return encoded[POOLED_OUTPUT]
        return self.pooling(encoded[SEQUENCE_OUTPUT], inputs[INPUT_MASK])

    def answer(self, vectors, counts=None, training=None):
        """Returns the logits of texts, given the vectors of their sequences.

        Args:
            vectors: float [batch, width].
            counts: int [texts], windows of each text, if there are windows.
            training: Whether dropout is active.
        """
        if self.windows is not None:
            vectors = self.windows(vectors, counts)
        logits = self.dense(self.dropout(vectors, training=training))
        return keras.ops.cast(logits, "float32")

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "outputs": self.outputs,
            "pooling": self.pooling.mode,
            "windows": None if self.windows is None else self.windows.mode,
            "dropout": self.dropout.rate,
            "stddev": self.stddev,
            "seed": self.seed,
        }
