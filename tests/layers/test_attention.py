import math

import keras
import numpy as np
import pytest

from bert_keras.layers import Packed, Padded, SelfAttention

IDENTITY = np.eye(2)


@pytest.fixture
def attention():
    """One head of width 2 that looks at tokens as they are."""
    layer = SelfAttention(2, 1, dropout=0.0, initializer="zeros")
    layer.build()
    for projection in (
        layer.query,
        layer.key,
        layer.value,
        layer.output_projection,
    ):
        projection.kernel.assign(IDENTITY)
    return layer


def attend(layer, x, mask, layout=Padded):
    layout = layout(np.array(mask, "int32"))
    output, scores = layer(
        layout.tokens(keras.ops.convert_to_tensor(x, "float32")), layout=layout
    )
    return layout.sequences(output).numpy(), scores.numpy()


def test_scaled_dot_products(attention):
    # Each token meets itself with 1 / sqrt(2) and the other with 0.
    same = math.exp(1 / math.sqrt(2))
    high, low = same / (same + 1), 1 / (same + 1)
    output, scores = attend(attention, [[[1, 0], [0, 1]]], [[1, 1]])
    expected = [[high, low], [low, high]]
    np.testing.assert_allclose(scores[0, 0], expected, atol=1e-6)
    np.testing.assert_allclose(output[0], expected, atol=1e-6)


def test_the_output_is_projected(attention):
    attention.output_projection.kernel.assign([[0, 3], [1, 0]])
    attention.output_projection.bias.assign([0, 10])
    output, _ = attend(attention, [[[5, 7], [5, 7]]], [[1, 1]])
    np.testing.assert_allclose(output, [[[7, 25], [7, 25]]], rtol=1e-6)


def test_each_head_has_columns_of_its_own():
    layer = SelfAttention(2, 2, dropout=0.0, initializer="zeros")
    layer.build()
    layer.value.kernel.assign(IDENTITY)
    layer.output_projection.kernel.assign(IDENTITY)
    # The first head compares its column, ten times as large; the second sees
    # zeros everywhere and takes the average.
    layer.query.kernel.assign([[10, 0], [0, 0]])
    layer.key.kernel.assign([[10, 0], [0, 0]])
    output, scores = attend(layer, [[[1, 4], [-1, 8]]], [[1, 1]])
    np.testing.assert_allclose(scores[0, 0], IDENTITY, atol=1e-6)
    np.testing.assert_allclose(scores[0, 1], np.full((2, 2), 0.5), atol=1e-6)
    np.testing.assert_allclose(output[0], [[1, 6], [-1, 6]], rtol=1e-6)


@pytest.mark.parametrize("layout", [Padded, Packed])
def test_padding_is_not_looked_at(attention, layout):
    output, scores = attend(
        attention, [[[1, 0], [99, 99], [0, 1]]], [[1, 0, 1]], layout
    )
    same = math.exp(1 / math.sqrt(2))
    high, low = same / (same + 1), 1 / (same + 1)
    np.testing.assert_allclose(
        scores[0, 0, [0, 2]], [[high, 0, low], [low, 0, high]], atol=1e-6
    )
    np.testing.assert_allclose(
        output[0, [0, 2]], [[high, low], [low, high]], atol=1e-6
    )


def test_large_logits_do_not_overflow(attention):
    output, scores = attend(attention, [[[1e4, 0], [0, 1e4]]], [[1, 1]])
    np.testing.assert_array_equal(scores[0, 0], IDENTITY)
    np.testing.assert_array_equal(output[0], 1e4 * IDENTITY)


def test_dropout_of_scores_is_active_in_training_only():
    layer = SelfAttention(4, 2, dropout=0.5, initializer="glorot_uniform")
    x = np.random.default_rng(0).normal(size=(1, 6, 4)).astype("float32")
    layout = Padded(np.ones((1, 6), "int32"))
    still = [layer(x, layout=layout)[0] for _ in range(2)]
    np.testing.assert_array_equal(*still)
    moving, scores = layer(x, layout=layout, training=True)
    assert np.abs(moving - still[0]).max() > 1e-3
    # What is returned for a reader are the probabilities before dropout.
    np.testing.assert_allclose(np.sum(scores, axis=-1), 1, atol=1e-6)
