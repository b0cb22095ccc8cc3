"""Pooling: a row of tokens becomes one vector."""

import keras
from keras import ops

POOLINGS = ("cls", "mean", "max")


class Pooling(keras.layers.Layer):
    """Sums a row of token vectors up in one vector, padding left out.

    | `how` | vector of a row |
    |---|---|
    | `"cls"` | the first token's |
    | `"mean"` | the average of its tokens' |
    | `"max"` | the largest of its tokens', column by column |

    Args:
        how: One of the above.

    Call arguments:
        x: float [batch, length, width].
        mask: int [batch, length], 1 at real tokens.

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

    def call(self, x, mask):
        if self.how == "cls":
            return x[:, 0]
        real = ops.cast(mask, x.dtype)[:, :, None]
        if self.how == "max":
            return ops.max(x - (1 - real) * 1e9, axis=1)
        return ops.sum(x * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1)
