"""Pooling: the tokens of a sequence become one vector."""

import keras
from keras import ops

from bert_keras.contract import POOLINGS


@keras.saving.register_keras_serializable("bert_keras")
class Pooling(keras.layers.Layer):
    """Reduces the token vectors of a sequence to one, without the padding.

    | `mode` | vector of a sequence |
    |---|---|
    | `"cls"` | that of its first token |
    | `"mean"` | the mean of its tokens' vectors |
    | `"max"` | their maximum in each column |

    A sequence without tokens gives zeros with `"mean"` and `"max"`.

    Args:
        mode: One of the above.

    Call arguments:
        x: float [batch, length, width].
        input_mask: int [batch, length], 1 at real tokens.

    Returns:
        float [batch, width].

    Raises:
        ValueError: If `mode` is anything else.
    """

    def __init__(self, mode: str, **kwargs):
        super().__init__(**kwargs)
        if mode not in POOLINGS:
            raise ValueError(
                f"Expected `pooling` to be one of {', '.join(POOLINGS)}. "
                f"Received: pooling={mode!r}"
            )
        self.mode = mode

    # Not named `mask`: Keras would pass masks of its own to it.
    def call(self, x, input_mask):
        if self.mode == "cls":
            return x[:, 0]
        real = ops.cast(input_mask, "bool")[:, :, None]
        if self.mode == "max":
            largest = ops.max(ops.where(real, x, float("-inf")), axis=1)
            return ops.where(ops.any(real, axis=1), largest, 0.0)
        # In float32: bfloat16 cannot count beyond 256.
        total = ops.sum(ops.where(real, ops.cast(x, "float32"), 0.0), axis=1)
        count = ops.sum(ops.cast(real, "float32"), axis=1)
        return ops.cast(total / ops.maximum(count, 1.0), x.dtype)

    def get_config(self):
        return {**super().get_config(), "mode": self.mode}
