"""BERT: the encoder of Devlin et al. 2018, on one page.

A text is a row of pieces, `[CLS] a charming film [SEP]`. Each piece becomes a
vector (its word, its place, its segment). Then, block after block, every
vector looks at all vectors of its row and changes: after the last block, the
vector of "film" knows that the film was charming, and the vector of [CLS] can
speak for the whole text.

    ids -> embeddings -> block 1 -> ... -> block n -> sequence_output
                                                   -> [CLS] -> pooled_output

Paper: https://arxiv.org/abs/1810.04805
"""

import keras
from keras import ops

from bert_keras.config import BertConfig
from bert_keras.contract import (
    ATTENTION_SCORES,
    ENCODER_INPUTS,
    ENCODER_OUTPUTS,
    INPUT_MASK,
    INPUT_TYPE_IDS,
    INPUT_WORD_IDS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
)
from bert_keras.layers import BertEmbeddings, EncoderBlock, Packed, Padded


@keras.saving.register_keras_serializable("bert_keras")
class BertEncoder(keras.Model):
    """The BERT encoder: packed ids in, vectors out.

    Args:
        config: The architecture.
        initializer: For tables and kernels; `None` draws normal numbers,
            truncated, of `initializer_range`. With `"zeros"` an encoder is
            built sooner, to be restored; its pooler is drawn nevertheless,
            since checkpoints may lack one.
        dtype: Keras dtype policy: `"float32"`, `"mixed_bfloat16"` (float32
            weights, bfloat16 sums) or `"bfloat16"`. `None` takes Keras' global
            policy.

    Call arguments:
        inputs: Dict of `input_word_ids`, `input_mask` and `input_type_ids`,
            each int32 [batch, length]. A row whose mask is all 0 has no
            meaning, but finite numbers.
        training: Whether dropout is alive.
        packed: Whether only real tokens pass through the matrix products. The
            numbers are the same; shapes become dynamic, so leave it off under
            XLA and JAX's jit.
        return_attention_scores: Whether the result has `attention_scores`.
        pooled_only: Whether nothing but `pooled_output` is wanted. It reads
            the first place of each row, so the last block computes that place
            alone: a sixth of the work less with six layers.

    Returns:
        Dict of `sequence_output` float [batch, length, hidden_size] (after the
        last block), `pooled_output` float [batch, hidden_size],
        `encoder_outputs`, a list with the output of each block, and on request
        `attention_scores`, a list with float [batch, heads, length, length]
        of each block. What stands at padded places has no meaning. With
        `pooled_only`, just `pooled_output`.

    Raises:
        ValueError: If an input is missing, or rows are longer than the
            position table.

    Example:
        >>> config = BertConfig.named("tiny", vocab_size=30522)
        >>> ids = np.array([[101, 7592, 102, 0]])
        >>> encoded = BertEncoder(config)({
        ...     "input_word_ids": ids,
        ...     "input_mask": np.array([[1, 1, 1, 0]]),
        ...     "input_type_ids": np.zeros_like(ids),
        ... })
        >>> encoded["pooled_output"].shape
        (1, 128)
    """

    def __init__(
        self, config: BertConfig, *, initializer=None, dtype=None, name="bert"
    ):
        super().__init__(dtype=dtype, name=name)
        self.config = config

        # === Layers ===
        self.embeddings = BertEmbeddings(
            config,
            initializer=initializer,
            dtype=self.dtype_policy,
            name="embeddings",
        )
        self.blocks = [
            EncoderBlock(
                config,
                initializer=initializer,
                dtype=self.dtype_policy,
                name=f"block_{i}",
            )
            for i in range(config.num_hidden_layers)
        ]
        self.pooler = keras.layers.Dense(
            config.hidden_size,
            activation="tanh",
            kernel_initializer=keras.initializers.TruncatedNormal(
                stddev=config.initializer_range
            ),
            dtype=self.dtype_policy,
            name="pooler",
        )
        self.build()

    def build(self, input_shape=None):
        self.embeddings.build()
        for block in self.blocks:
            block.build()
        self.pooler.build((None, self.config.hidden_size))
        self.built = True

    # === Data flow ===
    def call(
        self,
        inputs,
        training=None,
        packed=False,
        return_attention_scores=False,
        pooled_only=False,
    ):
        self._check(inputs)
        mask = ops.cast(inputs[INPUT_MASK], "int32")
        # The one place where the layout is chosen: everything below works
        # token by token and does not know which it is.
        layout = Packed(mask) if packed else Padded(mask)

        places = ops.zeros_like(mask) + ops.arange(ops.shape(mask)[1])
        x = self.embeddings(
            layout.tokens(inputs[INPUT_WORD_IDS]),
            layout.tokens(inputs[INPUT_TYPE_IDS]),
            layout.tokens(places),
            training=training,
        )
        if pooled_only:
            if return_attention_scores:
                raise ValueError(
                    "Expected `return_attention_scores` or `pooled_only`. "
                    "Received both: scores of the last block are left out."
                )
            return {POOLED_OUTPUT: self._pool(x, layout, training)}
        outputs, scores = [], []
        for block in self.blocks:
            x, attention = block(x, layout=layout, training=training)
            outputs.append(layout.rows(x))
            scores.append(attention)

        encoded = {
            SEQUENCE_OUTPUT: outputs[-1],
            POOLED_OUTPUT: self.pooler(outputs[-1][:, 0]),
            ENCODER_OUTPUTS: outputs,
        }
        if return_attention_scores:
            encoded[ATTENTION_SCORES] = scores
        return encoded

    def _pool(self, x, layout, training):
        for block in self.blocks[:-1]:
            x, _ = block(x, layout=layout, training=training)
        first, _ = self.blocks[-1](
            x, layout=layout, training=training, first_only=True
        )
        return self.pooler(first[:, 0])

    def _check(self, inputs):
        missing = [name for name in ENCODER_INPUTS if name not in inputs]
        if missing:
            raise ValueError(
                f"Expected the inputs {', '.join(ENCODER_INPUTS)}. Missing: "
                f"{', '.join(missing)}"
            )
        # Past the position table, a GPU and JAX would go on with wrong numbers.
        longest = self.config.max_position_embeddings
        length = inputs[INPUT_WORD_IDS].shape[1]
        # Unknown lengths are None, or symbols where Keras traces with JAX.
        if isinstance(length, int) and length > longest:
            raise ValueError(
                f"Expected rows of at most {longest} pieces, as many as the "
                f"encoder has positions. Received: length={length}. Cut the "
                "rows, or slide a window over them."
            )

    # === Config ===
    def get_config(self):
        return {**super().get_config(), "config": self.config.to_dict()}

    @classmethod
    def from_config(cls, values):
        encoder = cls(
            BertConfig(**values["config"]),
            dtype=values["dtype"],
            name=values["name"],
        )
        encoder.trainable = values["trainable"]
        return encoder

    @property
    def named_variables(self) -> dict:
        """The weights by name: `{"block_0/attention/query/kernel": ...}`.

        The names are the paths of the layers above, without the encoder's own
        path; weight files use them as keys.
        """
        start = len(self.path) + 1
        return {weight.path[start:]: weight for weight in self.weights}
