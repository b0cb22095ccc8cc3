"""Pooling of windows: the vectors of a long text become one vector."""

import keras
from keras import ops

from bert_keras.contract import WINDOW_POOLINGS


@keras.saving.register_keras_serializable("bert_keras")
class WindowPooling(keras.layers.Layer):
    """Sums the vectors of a text's windows up in one vector.

    | `how` | vector of a text |
    |---|---|
    | `"mean"` | the average of its windows' |
    | `"max"` | the largest of its windows', column by column |
    | `"attention"` | their average, weighted by the softmax of scores |

    A score is the dot product of a window's vector with a learned `query`:
    the attention of https://aclanthology.org/N16-1174 (equations 8 to 10)
    without its hidden layer. The query is zero at first, so that attention
    begins as the mean.

    Work and memory follow the number of windows, however unevenly texts share
    them, and no text reads another's.

    Args:
        how: One of the above.

    Call arguments:
        vectors: float [windows, width], those of a text one after the other.
        counts: int [texts], windows of each text, at least one.

    Returns:
        float [texts, width].

    Raises:
        ValueError: If `how` is another word.

    Example:
        >>> vectors = np.array([[1.0], [3.0], [5.0]])
        >>> pooled = WindowPooling("mean")(vectors, np.array([2, 1]))
        >>> np.array(pooled).tolist()
        [[2.0], [5.0]]
    """

    def __init__(self, how: str, **kwargs):
        super().__init__(**kwargs)
        if how not in WINDOW_POOLINGS:
            raise ValueError(
                "Expected the pooling of windows to be one of "
                f"{', '.join(WINDOW_POOLINGS)}. Received: {how!r}"
            )
        self.how = how

    def build(self, vectors_shape, counts_shape=None):
        if self.how == "attention":
            self.query = self.add_weight(
                shape=(vectors_shape[-1],), initializer="zeros", name="query"
            )
        self.built = True

    def call(self, vectors, counts):
        ends = ops.cumsum(ops.cast(counts, "int32"))
        windows, texts = ops.shape(vectors)[0], ops.shape(counts)[0]
        numbers = ops.arange(windows, dtype="int32")
        text = ops.cast(ops.searchsorted(ends, numbers, side="right"), "int32")
        if self.how == "max":
            return ops.segment_max(vectors, text, num_segments=texts)
        # Summed in float32: bfloat16 cannot count past 256.
        x = ops.cast(vectors, "float32")
        shares = ops.expand_dims(self._shares(x, text, texts), 1)
        summed = ops.segment_sum(shares * x, text, num_segments=texts)
        total = ops.segment_sum(shares, text, num_segments=texts)
        return ops.cast(summed / total, vectors.dtype)

    def _shares(self, x, text, texts):
        """Returns how much each window counts in its text, [windows]."""
        if self.how == "mean":
            return ops.ones_like(x[:, 0])
        scores = ops.matmul(x, ops.cast(self.query, "float32"))
        # Less the highest of the text, or the exponential overflows.
        highest = ops.segment_max(scores, text, num_segments=texts)
        highest = ops.stop_gradient(highest)
        return ops.exp(scores - ops.take(highest, text, axis=0))

    def get_config(self):
        return {**super().get_config(), "how": self.how}
