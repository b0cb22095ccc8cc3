"""The feed-forward layer, which works on each token by itself."""

import functools
import math

import keras
from keras import ops


def _gelu(x):
    # Keras uses the complementary error function, which takes three times as
    # long. TensorFlow recognizes this order of the factors: without gradients
    # it fuses them into the preceding matrix product.
    return 0.5 * x * (1.0 + ops.erf(x * math.sqrt(0.5)))


ACTIVATIONS = {
    "gelu": _gelu,
    "gelu_new": functools.partial(keras.activations.gelu, approximate=True),
    "gelu_pytorch_tanh": functools.partial(
        keras.activations.gelu, approximate=True
    ),
    "relu": keras.activations.relu,
}


@keras.saving.register_keras_serializable("bert_keras")
class FeedForward(keras.layers.Layer):
    """Two dense layers with an activation between them.

    https://arxiv.org/abs/1706.03762, section 3.3; GELU after
    https://arxiv.org/abs/1606.08415.

    Args:
        width: Width of the input and the output.
        inner_width: Width between the two layers.
        activation: As `hidden_act` in `BertConfig`.
        initializer: For the kernels.

    Call arguments:
        x: float [..., width].

    Returns:
        float [..., width].
    """

    def __init__(
        self,
        width: int,
        inner_width: int,
        *,
        activation: str,
        initializer,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.width = width
        self.inner_width = inner_width
        self.hidden_act = activation
        self.initializer = keras.initializers.get(initializer)
        self.inner = keras.layers.Dense(
            inner_width,
            # One instance would draw the same numbers for each kernel.
            kernel_initializer=self.initializer.clone(),
            dtype=self.dtype_policy,
            name="inner",
        )
        self.activation = ACTIVATIONS[activation]
        self.outer = keras.layers.Dense(
            width,
            kernel_initializer=self.initializer.clone(),
            dtype=self.dtype_policy,
            name="outer",
        )

    def build(self, input_shape=None):
        self.inner.build((None, self.width))
        self.outer.build((None, self.inner_width))
        self.built = True

    def call(self, x):
        return self.outer(self.activation(self.inner(x)))

    # === Config ===
    def get_config(self):
        return {
            **super().get_config(),
            "width": self.width,
            "inner_width": self.inner_width,
            "activation": self.hidden_act,
            "initializer": keras.initializers.serialize(self.initializer),
        }
