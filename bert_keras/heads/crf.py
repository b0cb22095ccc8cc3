"""The head that knows which tag follows which."""

import keras
from keras import ops

from bert_keras.heads.token import TokenHead

# Adam moves each weight by the learning rate at most, which for an encoder is
# so small that a step between tags would hardly leave zero.
_FASTER = 100.0


@keras.saving.register_keras_serializable("bert_keras")
class CrfHead(keras.layers.Layer):
    """A linear-chain conditional random field on each token's logits.

    A path of tags scores the sum of its tokens' logits and of a learned
    number for each step from tag to tag: https://arxiv.org/abs/1603.01360,
    section 2.2. There is none for the first tag and the last: a row may begin
    or end within a text.

    The transitions are learned a hundred times as fast as everything else.

    Args:
        width: Width of the encoder's outputs.
        outputs: Number of tags.
        dropout: Rate before the dense layer.
        stddev: Deviation of the initial kernel.
        seed: For the initial kernel.

    Call arguments:
        encoded: The encoder's outputs; see `TokenHead`.
        inputs: The encoder's inputs, none of which is read.

    Returns:
        Logits float32 [batch, length, outputs], and the scores of transitions
        float32 [outputs, outputs], from each tag to each.
    """

    pooled_only = False

    def __init__(
        self,
        width: int,
        outputs: int,
        *,
        dropout: float = 0.1,
        stddev: float = 0.02,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        # Of the same name, so that its weights are called as without
        # transitions.
        self.tokens = TokenHead(
            width,
            outputs,
            dropout=dropout,
            stddev=stddev,
            seed=seed,
            dtype=self.dtype_policy,
            name=self.name,
        )
        self._transitions = self.add_weight(
            shape=(outputs, outputs), initializer="zeros", name="transitions"
        )
        self.built = True

    @property
    def transitions(self):
        """Scores of transitions, float32 [outputs, outputs]."""
        learned = ops.cast(self._transitions, "float32")
        # What is added has no gradient: clipping sees the others' scale.
        return learned + ops.stop_gradient((_FASTER - 1.0) * learned)

    def call(self, encoded, inputs, training=None):
        return self.tokens(encoded, inputs, training=training), self.transitions

    # === Config ===
    def get_config(self):
        return {**self.tokens.get_config(), **super().get_config()}
