"""Pooling of windows: the vectors of a long text become one vector."""

import keras
from keras import ops

from bert_keras.contract import WINDOW_POOLINGS


@keras.saving.register_keras_serializable("bert_keras")
class WindowPooling(keras.layers.Layer):
    """Reduces the vectors of a text's windows to one.

    | `mode` | vector of a text |
    |---|---|
    | `"mean"` | the mean of its windows' vectors |
    | `"max"` | their maximum in each column |
    | `"attention"` | their mean, weighted by the softmax of scores |

    A score is the dot product of a window's vector with a learned `query`:
    the attention of https://aclanthology.org/N16-1174 (equations 8 to 10)
    without its hidden layer. The query is zero at first, so that attention
    starts as the mean.

    Time and memory grow with the number of windows, however unevenly they are
    distributed over texts. No text depends on another.

    Args:
        mode: One of the above.

    Call arguments:
        vectors: float [windows, width], text after text.
        counts: int [texts], number of windows of each text, at least 1.

    Returns:
        float [texts, width].

    Raises:
        ValueError: If `mode` is anything else.

    Example:
        >>> vectors = np.array([[1.0], [3.0], [5.0]])
        >>> pooled = WindowPooling("mean")(vectors, np.array([2, 1]))
        >>> np.array(pooled).tolist()
        [[2.0], [5.0]]
    """

    def __init__(self, mode: str, **kwargs):
        super().__init__(**kwargs)
        if mode not in WINDOW_POOLINGS:
            raise ValueError(
                "Expected the pooling of windows to be one of "
                f"{', '.join(WINDOW_POOLINGS)}. Received: {mode!r}"
            )
        self.mode = mode

    def build(self, vectors_shape, counts_shape=None):
        if self.mode == "attention":
            self.query = self.add_weight(
                shape=(vectors_shape[-1],), initializer="zeros", name="query"
            )
        self.built = True

    def call(self, vectors, counts):
        ends = ops.cumsum(ops.cast(counts, "int32"))  # [texts]
        windows, texts = ops.shape(vectors)[0], ops.shape(counts)[0]
        indices = ops.arange(windows, dtype="int32")  # [windows]
        # The text that each window belongs to, [windows].
        text = ops.cast(ops.searchsorted(ends, indices, side="right"), "int32")
        if self.mode == "max":
            return ops.segment_max(vectors, text, num_segments=texts)
        # In float32: bfloat16 cannot count beyond 256.
        x = ops.cast(vectors, "float32")
        weights = ops.expand_dims(self._weights(x, text, texts), 1)
        summed = ops.segment_sum(weights * x, text, num_segments=texts)
        total = ops.segment_sum(weights, text, num_segments=texts)
        return ops.cast(summed / total, vectors.dtype)  # [texts, width]

    def _weights(self, x, text, texts):
        """Returns the weight of each window in its text, [windows]."""
        if self.mode == "mean":
            return ops.ones_like(x[:, 0])
        scores = ops.matmul(x, ops.cast(self.query, "float32"))
        # Relative to the text's highest score, or exp would overflow.
        highest = ops.segment_max(scores, text, num_segments=texts)
        highest = ops.stop_gradient(highest)
        return ops.exp(scores - ops.take(highest, text, axis=0))

    def get_config(self):
        return {**super().get_config(), "mode": self.mode}
