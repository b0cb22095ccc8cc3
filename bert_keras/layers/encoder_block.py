"""One block of the encoder: attention, then feed-forward."""

import keras

from bert_keras.config import BertConfig
from bert_keras.layers.attention import SelfAttention
from bert_keras.layers.feed_forward import FeedForward


@keras.saving.register_keras_serializable("bert_keras")
class EncoderBlock(keras.layers.Layer):
    """Attention and feed-forward, each with a residual and a normalization.

    The normalization follows the sum (post-layer-norm), as in the first
    Transformer and in BERT:

        x = norm(x + dropout(attention(x)))
        x = norm(x + dropout(feed_forward(x)))

    Args:
        config: Sizes, activation and dropout rates.
        initializer: For the kernels; `None` draws from a truncated normal
            distribution with deviation `initializer_range`.
        lora_rank: Rank of LoRA in its attention; `None` for none.

    Call arguments:
        x: float [..., hidden_size], tokens in the layout's shape.
        layout: `Padded` or `Packed`: which tokens form a sequence.
        first_only: Whether to compute only the first token of each sequence.

    Returns:
        `(x, scores)`: float [..., hidden_size], and the attention
        probabilities, float [batch, heads, length, length]. With
        `first_only`: [batch, 1, hidden_size] and [batch, heads, 1, length].
    """

    def __init__(
        self,
        config: BertConfig,
        *,
        initializer=None,
        lora_rank: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.config = config
        self.initializer = keras.initializers.get(
            initializer
            or keras.initializers.TruncatedNormal(
                stddev=config.initializer_range
            )
        )
        self.attention = SelfAttention(
            config.hidden_size,
            config.num_attention_heads,
            dropout=config.attention_probs_dropout_prob,
            initializer=self.initializer,
            lora_rank=lora_rank,
            dtype=self.dtype_policy,
            name="attention",
        )
        self.attention_norm = self._norm("attention_norm")
        self.feed_forward = FeedForward(
            config.hidden_size,
            config.intermediate_size,
            activation=config.hidden_act,
            initializer=self.initializer,
            dtype=self.dtype_policy,
            name="feed_forward",
        )
        self.feed_forward_norm = self._norm("feed_forward_norm")
        self.dropout = keras.layers.Dropout(
            config.hidden_dropout_prob, dtype=self.dtype_policy
        )

    def _norm(self, name: str):
        return keras.layers.LayerNormalization(
            epsilon=self.config.layer_norm_eps,
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, input_shape=None):
        shape = (None, self.config.hidden_size)
        self.attention.build(shape)
        self.attention_norm.build(shape)
        self.feed_forward.build(shape)
        self.feed_forward_norm.build(shape)
        self.built = True

    def call(self, x, layout, training=None, first_only=False):
        attended, scores = self.attention(
            x, layout=layout, training=training, first_only=first_only
        )
        if first_only:
            x = layout.first(x)
        x = self.attention_norm(x + self.dropout(attended, training=training))
        x = self.feed_forward_norm(
            x + self.dropout(self.feed_forward(x), training=training)
        )
        return x, scores

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "config": self.config.to_dict(),
            "initializer": keras.initializers.serialize(self.initializer),
            "lora_rank": self.attention.lora_rank,
        }

    @classmethod
    def from_config(cls, config):
        return super().from_config(
            {**config, "config": BertConfig(**config["config"])}
        )
