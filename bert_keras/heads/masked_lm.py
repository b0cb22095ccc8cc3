"""The head that predicts masked tokens."""

import keras
from keras import ops

from bert_keras.config import BertConfig
from bert_keras.layers import ACTIVATIONS


@keras.saving.register_keras_serializable("bert_keras")
class MaskedLMHead(keras.layers.Layer):
    """Scores every token of the vocabulary at each masked position.

    The vector at that position goes through a dense layer, an activation and a
    normalization. Then it is multiplied with the vectors of all tokens: with
    the encoder's word table, which is passed to each call and belongs to the
    encoder. Section 3.1 of https://arxiv.org/abs/1810.04805; tied tables:
    https://arxiv.org/abs/1608.05859.

    Only the given positions are computed: a seventh of the tokens in
    pretraining, a single one to fill in one mask.

    Args:
        config: The encoder's: sizes, activation, initial weights.
        tied: Whether scores use the encoder's word table. Otherwise the head
            has its own `kernel` [hidden_size, vocab_size].
        seed: For the initial kernels.

    Call arguments:
        sequence: The encoder's `sequence_output`, float
            [batch, length, hidden_size].
        positions: int [batch, masks], positions to predict, each below
            `length`.
        table: `encoder.embeddings.word.embeddings`, float
            [vocab_size, hidden_size]; omitted if `tied` is off.

    Returns:
        float32 [batch, masks, vocab_size], logits.

    Raises:
        ValueError: If a tied head gets no table, or any other head gets one.

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
        width, vocabulary = self.config.hidden_size, self.config.vocab_size
        self.dense.build((None, width))
        self.norm.build((None, width))
        self.bias = self.add_weight(
            shape=(vocabulary,), initializer="zeros", name="bias"
        )
        if not self.tied:
            self.kernel = self.add_weight(
                shape=(width, vocabulary),
                initializer=self._initializer(),
                name="kernel",
            )
        self.built = True

    def call(self, sequence, positions, table=None):
        if self.tied is (table is None):
            raise ValueError(
                "Expected the word table for a tied head, and none for a head "
                f"with its own kernel. Received: tied={self.tied}, "
                f"{'no table' if table is None else 'a table'}. Try table="
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
        """The weights by name, `{"dense/kernel": ...}`, as in checkpoints."""
        start = len(self.path) + 1
        return {weight.path[start:]: weight for weight in self.weights}


def gather(sequence, positions):
    """Takes the vectors at some positions of each sequence.

    Args:
        sequence: float [batch, length, width].
        positions: int [batch, n].

    Returns:
        float [batch, n, width].

    Example:
        >>> sequence = np.array([[[1.0], [2.0]], [[3.0], [4.0]]])
        >>> np.array(gather(sequence, np.array([[1, 1], [0, 1]]))).tolist()
        [[[2.0], [2.0]], [[3.0], [4.0]]]
    """
    batch, length, width = ops.shape(sequence)
    # In the concatenation of all sequences, the i-th starts at i * length.
    starts = ops.expand_dims(ops.arange(batch, dtype="int32") * length, 1)
    indices = ops.cast(positions, "int32") + starts  # [batch, n]
    return ops.take(ops.reshape(sequence, (-1, width)), indices, axis=0)
