"""Attention: the only layer that knows which tokens share a sequence."""

import math

import keras
from keras import ops

from bert_keras.layers.lora import LoraAdapter


@keras.saving.register_keras_serializable("bert_keras")
class SelfAttention(keras.layers.Layer):
    """Multi-head self-attention with a padding mask.

    softmax(Q K^T / sqrt(D)) V for each head, the heads side by side, then one
    more projection: https://arxiv.org/abs/1706.03762, section 3.2.

    Dimensions: B batch, L length, H heads, D width of a head. (..., H * D) is
    the layout's shape: (B, L, H * D) padded, (tokens, H * D) packed.

    Args:
        width: Width of the input and the output, H * D.
        heads: Number of heads.
        dropout: Rate on the attention probabilities.
        initializer: For the kernels.
        lora_rank: Rank of LoRA; `None` for none. See `enable_lora`.

    Call arguments:
        x: float [..., width], tokens in the layout's shape.
        layout: `Padded` or `Packed`: which tokens form a sequence.
        first_only: Whether to compute only the first token of each sequence.

    Returns:
        `(output, scores)`: float [..., width], and the attention
        probabilities before dropout, float [batch, heads, length, length].
        With `first_only`: [batch, 1, width] and [batch, heads, 1, length].
    """

    def __init__(
        self,
        width: int,
        heads: int,
        *,
        dropout: float,
        initializer,
        lora_rank: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.width = width
        self.heads = heads
        self.initializer = keras.initializers.get(initializer)

        def projection(name):
            return keras.layers.Dense(
                width,
                # One instance would draw the same numbers for each kernel.
                kernel_initializer=self.initializer.clone(),
                dtype=self.dtype_policy,
                name=name,
            )

        self.query = projection("query")
        self.key = projection("key")
        self.value = projection("value")
        self.output_projection = projection("output")
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

        def adapter(name):
            # Named as the projection, so that its weights become
            # `query/lora_a`, next to `query/kernel`.
            return LoraAdapter(width, width, dtype=self.dtype_policy, name=name)

        self.query_lora = adapter("query")
        self.value_lora = adapter("value")
        self._lora_rank_at_build = lora_rank

    def build(self, input_shape=None):
        for layer in (
            self.query,
            self.key,
            self.value,
            self.output_projection,
        ):
            layer.build((None, self.width))
        self.built = True
        if self._lora_rank_at_build is not None:
            self.enable_lora(self._lora_rank_at_build)

    # === LoRA ===
    @property
    def lora_rank(self) -> int | None:
        """Rank of LoRA, `None` if it is not enabled."""
        return self.query_lora.rank if self.built else self._lora_rank_at_build

    def enable_lora(self, rank: int, initializer="he_uniform") -> None:
        """Adds LoRA to the projections of queries and values.

        With a given number of parameters, adapting these two works best:
        section 7.1 of https://arxiv.org/abs/2106.09685. The layer must be
        built. No weight is frozen here; the encoder decides what is trained.

        Args:
            rank: Rank of what is added to each kernel.
            initializer: For the first of the two matrices.

        Raises:
            ValueError: If `rank` is below 1, or LoRA is enabled already.
        """
        parent, _, name = self.path.rpartition("/")
        with keras.name_scope(name, override_parent=parent):
            self.query_lora.enable(rank, initializer)
            self.value_lora.enable(rank, initializer)

    def merge_lora(self) -> None:
        """Adds what LoRA learned to the kernels, and disables it."""
        self.query_lora.merge_into(self.query)
        self.value_lora.merge_into(self.value)

    def call(self, x, layout, training=None, first_only=False):
        if first_only:
            first = layout.first(x)  # (B, 1, H * D)
            query = self._split_first(self._query(first))  # (B, H, 1, D)
        else:
            query = layout.split_heads(self._query(x), self.heads)
        key = layout.split_heads(self.key(x), self.heads)  # (B, H, L, D)
        value = layout.split_heads(self._value(x), self.heads)  # (B, H, L, D)

        # Dot products grow with D; unscaled, softmax would saturate.
        query = query * (1.0 / math.sqrt(self.width // self.heads))
        logits = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2)))
        scores = self._masked_softmax(logits, layout.mask)  # (B, H, L, L)
        context = ops.matmul(
            self.dropout(scores, training=training), value
        )  # (B, H, L, D)

        if first_only:
            context = ops.reshape(context, (-1, 1, self.width))
        else:
            context = layout.join_heads(context)  # (..., H * D)
        return self.output_projection(context), scores

    def _query(self, x):
        query = self.query(x)
        return query + self.query_lora(x) if self.query_lora.rank else query

    def _value(self, x):
        value = self.value(x)
        return value + self.value_lora(x) if self.value_lora.rank else value

    def _split_first(self, first):
        """(B, 1, H * D) -> (B, H, 1, D)."""
        return ops.reshape(first, (-1, self.heads, 1, self.width // self.heads))

    def _masked_softmax(self, logits, mask):
        # Probabilities are summed in float32 whatever the compute dtype.
        logits = ops.cast(logits, "float32")
        hidden = (1.0 - ops.cast(mask, "float32")) * -1e9  # (B, L)
        scores = ops.softmax(logits + hidden[:, None, None, :], axis=-1)
        return ops.cast(scores, self.compute_dtype)

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "heads": self.heads,
            "dropout": self.dropout.rate,
            "initializer": keras.initializers.serialize(self.initializer),
            "lora_rank": self.lora_rank,
        }
