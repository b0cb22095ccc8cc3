import numpy as np
import pytest

from bert_keras.layers import FeedForward

# Of 1 and -1: GELU by the error function, by the hyperbolic tangent, ReLU.
ACTIVATED = {
    "gelu": (0.8413447, -0.1586553),
    "gelu_new": (0.8411920, -0.1588080),
    "gelu_pytorch_tanh": (0.8411920, -0.1588080),
    "relu": (1.0, 0.0),
}


@pytest.mark.parametrize("activation", ACTIVATED)
def test_activations(activation):
    layer = FeedForward(1, 1, activation=activation, initializer="ones")
    received = layer(np.array([[1.0], [-1.0]], "float32"))
    np.testing.assert_allclose(received[:, 0], ACTIVATED[activation], atol=1e-6)


def test_two_dense_layers():
    layer = FeedForward(1, 2, activation="relu", initializer="zeros")
    layer.build()
    layer.inner.kernel.assign([[2, -3]])
    layer.inner.bias.assign([1, 1])
    layer.outer.kernel.assign([[10], [100]])
    layer.outer.bias.assign([5])
    # 1 -> [3, -2] -> [3, 0] -> 35;  -1 -> [-1, 4] -> [0, 4] -> 405
    received = layer(np.array([[1.0], [-1.0]], "float32"))
    np.testing.assert_array_equal(received, [[35], [405]])
