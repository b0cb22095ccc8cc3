"""The head that scores whole sequences of tags."""

import keras
from keras import ops

from bert_keras.heads.token import TokenHead

# Adam moves a weight by about the learning rate, and that of an encoder is so
# small that transitions would hardly move away from zero.
_TRANSITION_RATE = 100.0


@keras.saving.register_keras_serializable("bert_keras")
class CrfHead(keras.layers.Layer):
    """A linear-chain conditional random field on each token's logits.

    The score of a sequence of tags is the sum of its tokens' logits and of the
    learned transition scores from each tag to the next:
    https://arxiv.org/abs/1603.01360, section 2.2. There are no scores for
    starting or ending with a tag, since a sequence may start or end in the
    middle of a text.

    Transitions have a hundred times the learning rate of everything else.

    Args:
        width: Width of the encoder's outputs.
        outputs: Number of tags.
        dropout: Rate before the dense layer.
        stddev: Deviation of the initial kernel.
        seed: For the initial kernel.

    Call arguments:
        encoded: The encoder's outputs; see `TokenHead`.
        inputs: The encoder's inputs; not read.

    Returns:
        Logits float32 [batch, length, outputs], and transition scores float32
        [outputs, outputs], from the tag of the row to that of the column.
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
        # With the same name, so that its weights are named as those of a
        # head without transitions.
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
        """Transition scores, float32 [outputs, outputs]."""
        learned = ops.cast(self._transitions, "float32")
        # What is added has no gradient, so gradients keep the scale of all
        # others when they are clipped.
        return learned + ops.stop_gradient((_TRANSITION_RATE - 1.0) * learned)

    def call(self, encoded, inputs, training=None):
        return self.tokens(encoded, inputs, training=training), self.transitions

    # === Config ===
    def get_config(self):
        return {**self.tokens.get_config(), **super().get_config()}
