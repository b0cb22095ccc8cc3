"""The head that makes one vector of a text: pool, perhaps dense, scale."""

import keras
from keras import ops

from bert_keras.contract import INPUT_MASK, SEQUENCE_OUTPUT, WINDOW_COUNTS
from bert_keras.layers import Pooling, WindowPooling

_SHORTEST = 1e-12  # of a vector that is scaled to unit length


@keras.saving.register_keras_serializable("bert_keras")
class EmbeddingHead(keras.layers.Layer):
    """Pools the tokens of a row and, on request, scales to unit length.

    `"cls"` takes the first token's vector as the last block gives it, without
    the pooler, as sentence-transformers does
    (https://arxiv.org/abs/1908.10084, section 3). A text of several rows,
    which are windows over it, has a vector of each, and those are pooled once
    more. Some models pass the vector through a dense layer (LaBSE,
    https://arxiv.org/abs/2007.01852). Without one, only `"attention"` over
    windows has a weight.

    Args:
        width: Width of the encoder's outputs.
        pooling: `"cls"`, `"mean"` or `"max"`.
        windows: How the vectors of a text's windows are pooled; see
            `WindowPooling`. `None` where each text is one row.
        dense: Width of the vectors after a dense layer; `None` for no layer.
        activation: Keras' name of the function after it.
        normalize: Whether vectors get unit length, so that their dot product
            is the cosine of their angle.
        seed: Of the layer's fresh kernel.

    Call arguments:
        encoded: The encoder's outputs, of which `sequence_output` float
            [batch, length, width] is read.
        inputs: The encoder's inputs, of which `input_mask` int
            [batch, length] is read and, with `windows`, `window_counts` int
            [texts].

    Returns:
        float32 [texts, width], or [texts, dense].
    """

    pooled_only = False

    def __init__(
        self,
        width: int,
        pooling: str,
        *,
        windows: str | None = None,
        dense: int | None = None,
        activation: str = "tanh",
        normalize: bool,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.width = width
        self.activation = activation
        self.seed = seed
        self.pooling = Pooling(pooling, dtype=self.dtype_policy)
        self.windows = windows and WindowPooling(
            windows, dtype=self.dtype_policy, name="windows"
        )
        self.dense = dense and keras.layers.Dense(
            dense,
            activation=activation,
            kernel_initializer=keras.initializers.GlorotUniform(seed),
            dtype=self.dtype_policy,
            name="dense",
        )
        self.normalize = normalize
        self.build()

    def build(self, input_shape=None):
        if self.windows is not None:
            self.windows.build((None, self.width))
        if self.dense is not None:
            self.dense.build((None, self.width))
        self.built = True

    def call(self, encoded, inputs, training=None):
        vectors = self.vectors(encoded, inputs)
        return self.answer(vectors, inputs.get(WINDOW_COUNTS))

    def vectors(self, encoded, inputs):
        """Returns the vector of each row, float [batch, width]."""
        return self.pooling(encoded[SEQUENCE_OUTPUT], inputs[INPUT_MASK])

    def answer(self, vectors, counts=None):
        """Returns the vectors of texts, given those of their rows.

        Args:
            vectors: float [batch, width].
            counts: Rows of each text, int [texts], if they are windows.
        """
        if self.windows is not None:
            vectors = self.windows(vectors, counts)
        if self.dense is not None:
            vectors = self.dense(vectors)
        pooled = ops.cast(vectors, "float32")
        if not self.normalize:
            return pooled
        length = ops.sqrt(ops.sum(pooled * pooled, axis=-1, keepdims=True))
        return pooled / ops.maximum(length, _SHORTEST)

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "pooling": self.pooling.how,
            "windows": self.windows and self.windows.how,
            "dense": self.dense and self.dense.units,
            "activation": self.activation,
            "normalize": self.normalize,
            "seed": self.seed,
        }
