"""The head that makes one vector of a text."""

import keras
from keras import ops

from bert_keras.contract import INPUT_MASK, SEQUENCE_OUTPUT
from bert_keras.layers import Pooling

_SHORTEST = 1e-12  # of a vector that is scaled to unit length


class EmbeddingHead(keras.layers.Layer):
    """Pools the tokens of a row and, on request, scales to unit length.

    It has no weights. `"cls"` takes the first token's vector as the last
    block gives it, without the pooler, as sentence-transformers does
    (https://arxiv.org/abs/1908.10084, section 3).

    Args:
        pooling: `"cls"`, `"mean"` or `"max"`.
        normalize: Whether vectors get unit length, so that their dot product
            is the cosine of their angle.

    Call arguments:
        encoded: The encoder's outputs, of which `sequence_output` float
            [batch, length, width] is read.
        inputs: The encoder's inputs, of which `input_mask` int
            [batch, length] is read.

    Returns:
        float32 [batch, width].
    """

    pooled_only = False

    def __init__(self, pooling: str, *, normalize: bool, **kwargs):
        super().__init__(**kwargs)
        self.pooling = Pooling(pooling, dtype=self.dtype_policy)
        self.normalize = normalize
        self.built = True

    def call(self, encoded, inputs, training=None):
        pooled = self.pooling(encoded[SEQUENCE_OUTPUT], inputs[INPUT_MASK])
        pooled = ops.cast(pooled, "float32")
        if not self.normalize:
            return pooled
        length = ops.sqrt(ops.sum(pooled * pooled, axis=-1, keepdims=True))
        return pooled / ops.maximum(length, _SHORTEST)
