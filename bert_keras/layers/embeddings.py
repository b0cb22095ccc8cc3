"""Embeddings: the vector of a token before any attention."""

import keras
import numpy as np
from keras import ops

from bert_keras.config import BertConfig


@keras.saving.register_keras_serializable("bert_keras")
class BertEmbeddings(keras.layers.Layer):
    """The sum of word, position and segment embeddings, normalized.

    Works token by token on any leading shape. Section 3 of
    https://arxiv.org/abs/1810.04805 (figure 2).

    Args:
        config: Sizes, dropout rate and kind of position embeddings.
        initializer: For the tables; `None` draws from a truncated normal
            distribution with deviation `initializer_range`.

    Call arguments:
        word_ids: int [...], indices into the word table.
        type_ids: int [...], segment of each token.
        positions: int [...], position of each token in its sequence.

    Returns:
        float [..., hidden_size].
    """

    def __init__(self, config: BertConfig, *, initializer=None, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.initializer = keras.initializers.get(
            initializer
            or keras.initializers.TruncatedNormal(
                stddev=config.initializer_range
            )
        )
        self.word = self._table(config.vocab_size, "word")
        self.type = self._table(config.type_vocab_size, "type")
        self.position = self._positions()
        self.norm = keras.layers.LayerNormalization(
            epsilon=config.layer_norm_eps, dtype=self.dtype_policy, name="norm"
        )
        self.dropout = keras.layers.Dropout(
            config.hidden_dropout_prob, dtype=self.dtype_policy
        )

    def _table(self, entries: int, name: str):
        return keras.layers.Embedding(
            entries,
            self.config.hidden_size,
            # One instance would draw the same numbers for each table.
            embeddings_initializer=self.initializer.clone(),
            dtype=self.dtype_policy,
            name=name,
        )

    def _positions(self):
        if self.config.position_embedding_type == "absolute":
            return self._table(self.config.max_position_embeddings, "position")
        return SinusoidalPositions(
            self.config.max_position_embeddings,
            self.config.hidden_size,
            dtype=self.dtype_policy,
            name="position",
        )

    def build(self, input_shape=None):
        self.word.build(None)
        self.type.build(None)
        self.position.build(None)
        self.norm.build((None, self.config.hidden_size))
        self.built = True

    def call(self, word_ids, type_ids, positions, training=None):
        x = self.word(word_ids) + self.position(positions) + self.type(type_ids)
        return self.dropout(self.norm(x), training=training)

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "config": self.config.to_dict(),
            "initializer": keras.initializers.serialize(self.initializer),
        }

    @classmethod
    def from_config(cls, config):
        return super().from_config(
            {**config, "config": BertConfig(**config["config"])}
        )


@keras.saving.register_keras_serializable("bert_keras")
class SinusoidalPositions(keras.layers.Layer):
    """The fixed position table of the first Transformer.

    Even columns hold sines and odd columns cosines of the position, with
    wavelengths from 2 pi to 20,000 pi: https://arxiv.org/abs/1706.03762,
    section 3.5.

    Args:
        length: Number of positions.
        width: Columns of the table.

    Call arguments:
        positions: int [...].

    Returns:
        float [..., width].

    Example:
        >>> SinusoidalPositions(2, 4)(np.array([0]))
        [[0., 1., 0., 1.]]
    """

    def __init__(self, length: int, width: int, **kwargs):
        super().__init__(**kwargs)
        self.length = length
        self.width = width

    def build(self, input_shape=None):
        column = np.arange(self.width)
        frequency = 10000.0 ** (-(column // 2 * 2) / self.width)
        angle = np.arange(self.length)[:, None] * frequency
        self._table = np.where(column % 2, np.cos(angle), np.sin(angle))
        self.built = True

    def call(self, positions):
        table = ops.convert_to_tensor(self._table, self.compute_dtype)
        return ops.take(table, positions, axis=0)

    def get_config(self):
        return {
            **super().get_config(),
            "length": self.length,
            "width": self.width,
        }
