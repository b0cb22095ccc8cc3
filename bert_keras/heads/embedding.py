"""The head that embeds a text: pooling, an optional dense layer, scaling."""

import keras
from keras import ops

from bert_keras.contract import INPUT_MASK, SEQUENCE_OUTPUT, WINDOW_COUNTS
from bert_keras.layers import Pooling, WindowPooling

_MIN_NORM = 1e-12  # a shorter vector is not scaled up to unit length


@keras.saving.register_keras_serializable("bert_keras")
class EmbeddingHead(keras.layers.Layer):
    """Pools the tokens of a sequence and, optionally, scales to unit length.

    `"cls"` takes the first token's vector from the last block, without the
    pooler, as sentence-transformers does (https://arxiv.org/abs/1908.10084,
    section 3). If a text is split into windows, each window is a sequence, and
    their vectors are pooled in turn. Some models pass the result through a
    dense layer (LaBSE, https://arxiv.org/abs/2007.01852). Without one, the
    head has no weights, unless windows are pooled by `"attention"`.

    Args:
        width: Width of the encoder's outputs.
        pooling: `"cls"`, `"mean"` or `"max"`.
        windows: How the vectors of a text's windows are pooled; see
            `WindowPooling`. `None` if each text is one sequence.
        dense: Output width of a dense layer; `None` for no such layer.
        activation: Its activation, by Keras' name.
        normalize: Whether vectors get unit length, so that their dot product
            is the cosine of their angle.
        seed: For its initial kernel.

    Call arguments:
        encoded: The encoder's outputs; reads `sequence_output` float
            [batch, length, width].
        inputs: The encoder's inputs; reads `input_mask` int [batch, length]
            and, with `windows`, `window_counts` int [texts].

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
        self.windows = (
            None
            if windows is None
            else WindowPooling(windows, dtype=self.dtype_policy, name="windows")
        )
        self.dense = (
            None
            if dense is None
            else keras.layers.Dense(
                dense,
                activation=activation,
                kernel_initializer=keras.initializers.GlorotUniform(seed),
                dtype=self.dtype_policy,
                name="dense",
            )
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
        """Returns the vector of each sequence, float [batch, width]."""
        return self.pooling(encoded[SEQUENCE_OUTPUT], inputs[INPUT_MASK])

    def answer(self, vectors, counts=None):
        """Returns the vectors of texts, given those of their sequences.

        Args:
            vectors: float [batch, width].
            counts: int [texts], windows of each text, if there are windows.
        """
        if self.windows is not None:
            vectors = self.windows(vectors, counts)
        if self.dense is not None:
            vectors = self.dense(vectors)
        pooled = ops.cast(vectors, "float32")
        if not self.normalize:
            return pooled
        length = ops.sqrt(ops.sum(pooled * pooled, axis=-1, keepdims=True))
        return pooled / ops.maximum(length, _MIN_NORM)

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "pooling": self.pooling.mode,
            "windows": None if self.windows is None else self.windows.mode,
            "dense": None if self.dense is None else self.dense.units,
            "activation": self.activation,
            "normalize": self.normalize,
            "seed": self.seed,
        }
