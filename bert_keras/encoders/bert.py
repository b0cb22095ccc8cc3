"""BERT: the encoder of Devlin et al. 2018, on one page.

A text is a sequence of tokens, `[CLS] a charming film [SEP]`. Each token
becomes a vector: the sum of what its word, its position and its segment mean.
Then, block after block, every vector looks at all vectors of its sequence and
changes: after the last block, the vector of "film" knows that the film was
charming, and the vector of [CLS] can speak for the whole text.

    ids -> embeddings -> block 0 -> ... -> block n-1 -> sequence_output
                                                     -> [CLS] -> pooled_output

Paper: https://arxiv.org/abs/1810.04805

Dimensions: B batch, L length of the sequences, W hidden_size, H heads. Between
embeddings and outputs, tokens may be laid out in two ways: (..., W) stands for
(B, L, W), or for (tokens, W) without the padding.
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
from bert_keras.encoders import trainable
from bert_keras.layers import BertEmbeddings, EncoderBlock, Packed, Padded


@keras.saving.register_keras_serializable("bert_keras")
class BertEncoder(keras.Model):
    """The BERT encoder: packed ids in, vectors out.

    Args:
        config: The architecture.
        initializer: For tables and kernels; `None` draws from a truncated
            normal distribution with deviation `initializer_range`. `"zeros"`
            builds sooner an encoder whose weights will be restored. The pooler
            is drawn nevertheless, since checkpoints may lack one.
        dtype: Keras dtype policy: `"float32"`, `"mixed_bfloat16"` (float32
            weights, bfloat16 computation) or `"bfloat16"`. `None` takes Keras'
            global policy.

    Call arguments:
        inputs: Dict of `input_word_ids`, `input_mask` and `input_type_ids`,
            each int32 [batch, length]. The outputs of a sequence whose mask is
            all 0 are finite, and mean nothing.
        training: Whether dropout is active.
        packed: Whether padding is left out of all matrix products. The outputs
            are the same; shapes become dynamic, so leave it off under XLA and
            JAX's jit.
        return_attention_scores: Whether the result has `attention_scores`.
        pooled_only: Whether to return `pooled_output` alone. It reads only the
            first position, so the last block computes only that: a sixth less
            work with six layers.

    Returns:
        Dict of `sequence_output` float [batch, length, hidden_size] (after the
        last block), `pooled_output` float [batch, hidden_size],
        `encoder_outputs`, a list with the output of each block, and on request
        `attention_scores`, a list with float [batch, heads, length, length]
        of each block. Values at padding mean nothing. With `pooled_only`, just
        `pooled_output`.

    Raises:
        ValueError: If an input is missing, or sequences are longer than the
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
        # Every layer gets a name: together they are the keys of weight files.
        self.embeddings = BertEmbeddings(
            config,
            initializer=initializer,
            dtype=self.dtype_policy,
            name="embeddings",
        )
        # All blocks have the same shape and none of their weights in common.
        self.blocks = [
            EncoderBlock(
                config,
                initializer=initializer,
                dtype=self.dtype_policy,
                name=f"block_{i}",
            )
            for i in range(config.num_hidden_layers)
        ]
        # Pretraining asked [CLS] whether two sentences follow each other; this
        # layer prepared the answer. Classifiers start from it.
        self.pooler = keras.layers.Dense(
            config.hidden_size,
            activation="tanh",
            kernel_initializer=keras.initializers.TruncatedNormal(
                stddev=config.initializer_range
            ),
            dtype=self.dtype_policy,
            name="pooler",
        )
        # Sizes follow from the configuration, not from the first inputs: the
        # weights can be there, and be restored, before any text is seen.
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
        self._check(inputs, return_attention_scores and pooled_only)
        mask = ops.cast(inputs[INPUT_MASK], "int32")  # (B, L), 1 at tokens
        # The one place where the layout is chosen: everything below works
        # token by token and does not know which it is. Attention alone asks
        # the layout which tokens share a sequence.
        layout = Packed(mask) if packed else Padded(mask)

        # Attention sees a set of vectors, without order. What comes first and
        # what comes last is known from the position embeddings alone.
        positions = ops.zeros_like(mask) + ops.arange(ops.shape(mask)[1])
        x = self.embeddings(
            layout.tokens(inputs[INPUT_WORD_IDS]),
            layout.tokens(inputs[INPUT_TYPE_IDS]),
            layout.tokens(positions),
            training=training,
        )  # (..., W)
        if pooled_only:
            return {POOLED_OUTPUT: self._pool(x, layout, training)}
        outputs, scores = [], []
        for block in self.blocks:
            x, attention = block(x, layout=layout, training=training)
            outputs.append(layout.sequences(x))  # (B, L, W)
            scores.append(attention)  # (B, H, L, L)

        encoded = {
            SEQUENCE_OUTPUT: outputs[-1],
            POOLED_OUTPUT: self.pooler(outputs[-1][:, 0]),  # [CLS]: (B, W)
            ENCODER_OUTPUTS: outputs,
        }
        if return_attention_scores:
            encoded[ATTENTION_SCORES] = scores
        return encoded

    def _pool(self, x, layout, training):
        # Up to the last block, [CLS] needs every other token: it looks at what
        # they have become. In the last block nobody looks at them any more.
        for block in self.blocks[:-1]:
            x, _ = block(x, layout=layout, training=training)
        first, _ = self.blocks[-1](
            x, layout=layout, training=training, first_only=True
        )  # (B, 1, W)
        return self.pooler(first[:, 0])  # (B, W)

    def _check(self, inputs, scores_of_pooled: bool):
        missing = [name for name in ENCODER_INPUTS if name not in inputs]
        if missing:
            raise ValueError(
                f"Expected the inputs {', '.join(ENCODER_INPUTS)}. Missing: "
                f"{', '.join(missing)}"
            )
        if scores_of_pooled:
            raise ValueError(
                "Expected `return_attention_scores` or `pooled_only`. Received "
                "both, but the last block would compute no scores but [CLS]'s."
            )
        # Beyond the position table, a GPU and JAX would compute wrong numbers
        # without an error.
        longest = self.config.max_position_embeddings
        length = inputs[INPUT_WORD_IDS].shape[1]
        # Unknown lengths are None, or symbols when Keras traces with JAX.
        if isinstance(length, int) and length > longest:
            raise ValueError(
                f"Expected sequences of at most {longest} tokens, as many as "
                f"the encoder has positions. Received: length={length}. "
                "Truncate them, or slide a window over them."
            )

    # === What is trained ===
    def freeze(self, what: int | str = "all") -> None:
        """Freezes `"embeddings"`, these and the first n blocks, or `"all"`.

        What is frozen already stays frozen; see `trainable.freeze`.

        Example:
            >>> encoder.freeze(1)
            >>> encoder.frozen
            ['block_0', 'embeddings']
        """
        trainable.freeze(self, what)

    def unfreeze(self) -> None:
        """Undoes `freeze`; with LoRA, LoRA alone is trained again."""
        trainable.unfreeze(self)
        trainable.freeze_names(self, ())
        if self.lora_rank is not None:
            trainable.train_lora_alone(self)

    @property
    def frozen(self) -> list[str]:
        """Names of the layers and weights that are frozen now, sorted."""
        return trainable.frozen_names(self.named_variables)

    def enable_lora(self, rank: int, *, seed: int | None = None) -> None:
        """Trains two small matrices for each query and value kernel instead.

        Everything else is frozen from then on: kernels, biases,
        normalizations, embeddings, pooler. https://arxiv.org/abs/2106.09685
        """
        trainable.enable_lora(self, rank, seed)

    def merge_lora(self) -> None:
        """Adds what LoRA learned to the kernels, disables it, unfreezes."""
        trainable.merge_lora(self)

    @property
    def lora_rank(self) -> int | None:
        """Rank of LoRA, `None` if it is not enabled."""
        return self.blocks[0].attention.lora_rank

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "config": self.config.to_dict(),
            "lora_rank": self.lora_rank,
            "frozen": self.frozen,
        }

    @classmethod
    def from_config(cls, values):
        encoder = cls(
            BertConfig(**values["config"]),
            dtype=values["dtype"],
            name=values["name"],
        )
        if values["lora_rank"] is not None:
            encoder.enable_lora(values["lora_rank"])
        encoder.trainable = values["trainable"]
        trainable.freeze_names(encoder, values["frozen"])
        return encoder

    @property
    def named_variables(self) -> dict:
        """The weights by name: `{"block_0/attention/query/kernel": ...}`.

        The names are the paths of the layers above, without the encoder's own
        path; weight files use them as keys.
        """
        start = len(self.path) + 1
        return {weight.path[start:]: weight for weight in self.weights}

    def __repr__(self):
        config = self.config
        lora = f", LoRA of rank {self.lora_rank}" if self.lora_rank else ""
        return (
            f"BertEncoder({config.num_hidden_layers} blocks, hidden_size "
            f"{config.hidden_size}, {config.num_attention_heads} heads, "
            f"vocabulary {config.vocab_size}, "
            f"{trainable.count_parameters(self.named_variables)}{lora})"
        )
