"""Attention: the only layer that knows which tokens stand in one row."""

import math

import keras
from keras import ops


class SelfAttention(keras.layers.Layer):
    """Multi-head self-attention with a padding mask.

    softmax(Q K^T / sqrt(d)) V for each head, the heads side by side, then one
    more projection: https://arxiv.org/abs/1706.03762, section 3.2.

    Dimensions: B batch, L length, H heads, D width of a head, T = B * L tokens
    of the padded layout, or as many as are real in the packed one.

    Args:
        width: Width of input and output, H * D.
        heads: Number of heads.
        dropout: Rate on the attention probabilities.
        initializer: For the kernels.

    Call arguments:
        x: float [..., width], tokens in the layout's shape.
        layout: `Padded` or `Packed`, how tokens form rows.
        first_only: Whether only the first token of each row looks at its row.

    Returns:
        `(output, scores)`: float [..., width], and the attention
        probabilities before dropout, float [batch, heads, length, length].
        With `first_only`: [batch, 1, width] and [batch, heads, 1, length].
    """

    def __init__(
        self, width: int, heads: int, *, dropout: float, initializer, **kwargs
    ):
        super().__init__(**kwargs)
        self.width = width
        self.heads = heads
        initializer = keras.initializers.get(initializer)

        def projection(name):
            return keras.layers.Dense(
                width,
                # One instance would draw the same numbers for each kernel.
                kernel_initializer=initializer.clone(),
                dtype=self.dtype_policy,
                name=name,
            )

        self.query = projection("query")
        self.key = projection("key")
        self.value = projection("value")
        self.output_projection = projection("output")
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape=None):
        for layer in (
            self.query,
            self.key,
            self.value,
            self.output_projection,
        ):
            layer.build((None, self.width))
        self.built = True

    def call(self, x, layout, training=None, first_only=False):
        if first_only:
            first = layout.first(x)  # (B, 1, H * D)
            query = self._heads_of_one(self.query(first))  # (B, H, 1, D)
        else:
            query = layout.split_heads(self.query(x), self.heads)
        key = layout.split_heads(self.key(x), self.heads)  # (B, H, L, D)
        value = layout.split_heads(self.value(x), self.heads)  # (B, H, L, D)

        query = query * (1.0 / math.sqrt(self.width // self.heads))
        logits = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2)))
        scores = self._masked_softmax(logits, layout.mask)  # (B, H, L, L)
        context = ops.matmul(self.dropout(scores, training=training), value)

        if first_only:
            context = ops.reshape(context, (-1, 1, self.width))
        else:
            context = layout.join_heads(context)  # (..., H * D)
        return self.output_projection(context), scores

    def _heads_of_one(self, first):
        """(B, 1, H * D) -> (B, H, 1, D)."""
        return ops.reshape(first, (-1, self.heads, 1, self.width // self.heads))

    def _masked_softmax(self, logits, mask):
        # Probabilities are summed in float32 whatever the compute dtype.
        logits = ops.cast(logits, "float32")
        hidden = (1.0 - ops.cast(mask, "float32")) * -1e9
        scores = ops.softmax(logits + hidden[:, None, None, :], axis=-1)
        return ops.cast(scores, self.compute_dtype)
