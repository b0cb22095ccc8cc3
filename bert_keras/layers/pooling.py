"""Pooling: a row of tokens becomes one vector."""

import keras
from keras import ops

POOLINGS = ("cls", "mean", "max")


@keras.saving.register_keras_serializable("bert_keras")
class Pooling(keras.layers.Layer):
    """Sums a row of token vectors up in one vector, padding left out.

    | `how` | vector of a row |
    |---|---|
    | `"cls"` | the first token's |
    | `"mean"` | the average of its tokens' |
    | `"max"` | the largest of its tokens', column by column |

    A row without tokens gives zeros with `"mean"` and `"max"`.

    Args:
        how: One of the above.

    Call arguments:
        x: float [batch, length, width].
        input_mask: int [batch, length], 1 at real tokens.

    Returns:
        float [batch, width].

    Raises:
        ValueError: If `how` is another word.
    """

    def __init__(self, how: str, **kwargs):
        super().__init__(**kwargs)
        if how not in POOLINGS:
            raise ValueError(
                f"Expected `pooling` to be one of {', '.join(POOLINGS)}. "
                f"Received: pooling={how!r}"
            )
        self.how = how

    # Keras has a meaning of its own for an argument named `mask`.
    def call(self, x, input_mask):
        if self.how == "cls":
            return x[:, 0]
        real = ops.cast(input_mask, "bool")[:, :, None]
        if self.how == "max":
            largest = ops.max(ops.where(real, x, float("-inf")), axis=1)
            return ops.where(ops.any(real, axis=1), largest, 0.0)
        # Summed in float32: bfloat16 cannot count past 256.
        total = ops.sum(ops.where(real, ops.cast(x, "float32"), 0.0), axis=1)
        count = ops.sum(ops.cast(real, "float32"), axis=1)
        return ops.cast(total / ops.maximum(count, 1.0), x.dtype)

    def get_config(self):
        return {**super().get_config(), "how": self.how}
