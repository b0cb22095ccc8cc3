"""The head that guesses masked pieces."""

import keras
from keras import ops

from bert_keras.config import BertConfig
from bert_keras.layers.feed_forward import ACTIVATIONS


@keras.saving.register_keras_serializable("bert_keras")
class MaskedLMHead(keras.layers.Layer):
    """A score for each piece of the vocabulary at each masked place.

    The place's vector passes a dense layer, an activation and a
    normalization, and is then compared with the vectors of all words: the
    encoder's own word table, which is handed over at each call and belongs to
    the encoder. Section 3.1 of https://arxiv.org/abs/1810.04805; tied tables
    after https://arxiv.org/abs/1608.05859.

    Only the places that are asked for are computed: a seventh of the tokens
    when pretraining, a single one to fill a gap.

    Args:
        config: Of the encoder: sizes, activation, initial weights.
        tied: Whether scores use the encoder's word table. Otherwise the head
            has a `kernel` [hidden_size, vocab_size] of its own.
        seed: Of the fresh kernels.

    Call arguments:
        sequence: The encoder's `sequence_output`, float
            [batch, length, hidden_size].
        positions: Places to guess, int [batch, masks], each below `length`.
        table: `encoder.embeddings.word.embeddings`, float
            [vocab_size, hidden_size]; left out if `tied` is off.

    Returns:
        float32 [batch, masks, vocab_size], logits.

    Raises:
        ValueError: If a tied head gets no table, or another one a table.

    Example:
        >>> config = BertConfig.named("tiny", vocab_size=1000)
        >>> logits = MaskedLMHead(config)(
        ...     np.zeros([2, 16, 128]), np.array([[1], [7]]),
        ...     table=np.zeros([1000, 128]),
        ... )
        >>> tuple(logits.shape)
        (2, 1, 1000)
    """

    def __init__(
        self,
        config: BertConfig,
        *,
        tied: bool = True,
        seed: int | None = None,
        name="masked_lm",
        **kwargs,
    ):
        super().__init__(name=name, **kwargs)
        self.config = config
        self.tied = tied
        self.seed = seed
        self.activation = ACTIVATIONS[config.hidden_act]
        self.dense = keras.layers.Dense(
            config.hidden_size,
            kernel_initializer=self._initializer(),
            dtype=self.dtype_policy,
            name="dense",
        )
        self.norm = keras.layers.LayerNormalization(
            epsilon=config.layer_norm_eps, dtype=self.dtype_policy, name="norm"
        )
        self.build()

    def _initializer(self):
        return keras.initializers.TruncatedNormal(
            stddev=self.config.initializer_range, seed=self.seed
        )

    def build(self, input_shape=None):
        width, pieces = self.config.hidden_size, self.config.vocab_size
        self.dense.build((None, width))
        self.norm.build((None, width))
        self.bias = self.add_weight(
            shape=(pieces,), initializer="zeros", name="bias"
        )
        if not self.tied:
            self.kernel = self.add_weight(
                shape=(width, pieces),
                initializer=self._initializer(),
                name="kernel",
            )
        self.built = True

    def call(self, sequence, positions, table=None):
        if self.tied is (table is None):
            raise ValueError(
                "Expected the word table for a tied head, and none for a head "
                f"with its own kernel. Received: tied={self.tied}, table "
                f"{'left out' if table is None else 'given'}. Try table="
                "encoder.embeddings.word.embeddings, or table=None."
            )
        x = self.norm(self.activation(self.dense(gather(sequence, positions))))
        if self.tied:
            kernel = ops.transpose(ops.cast(table, x.dtype))
        else:
            kernel = ops.cast(self.kernel, x.dtype)
        logits = ops.cast(ops.matmul(x, kernel), "float32")
        return logits + ops.cast(self.bias, "float32")

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "config": self.config.to_dict(),
            "tied": self.tied,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        return super().from_config(
            {**config, "config": BertConfig(**config["config"])}
        )

    @property
    def named_variables(self) -> dict:
        """The weights by name, `{"dense/kernel": ...}`, as checkpoints do."""
        start = len(self.path) + 1
        return {weight.path[start:]: weight for weight in self.weights}


def gather(sequence, positions):
    """Takes the vectors at some places of each row.

    Args:
        sequence: float [batch, length, width].
        positions: int [batch, places].

    Returns:
        float [batch, places, width].

    Example:
        >>> rows = np.array([[[1.0], [2.0]], [[3.0], [4.0]]])
        >>> np.array(gather(rows, np.array([[1, 1], [0, 1]]))).tolist()
        [[[2.0], [2.0]], [[3.0], [4.0]]]
    """
    batch, length, width = ops.shape(sequence)
    # All rows end to end, where row i begins at i * length.
    starts = ops.expand_dims(ops.arange(batch, dtype="int32") * length, 1)
    places = ops.cast(positions, "int32") + starts
    return ops.take(ops.reshape(sequence, (-1, width)), places, axis=0)
