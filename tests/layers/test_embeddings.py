import keras
import numpy as np
import pytest

from bert_keras.config import BertConfig
from bert_keras.layers import BertEmbeddings, SinusoidalPositions


@pytest.fixture
def embeddings():
    layer = BertEmbeddings(
        BertConfig(
            vocab_size=3,
            hidden_size=2,
            num_attention_heads=1,
            max_position_embeddings=2,
            layer_norm_eps=1e-12,
        )
    )
    layer.build()
    layer.word.embeddings.assign([[1, 0], [2, 0], [3, 0]])
    layer.position.embeddings.assign([[0, 10], [0, 20]])
    layer.type.embeddings.assign([[0, 0], [100, 0]])
    layer.norm.gamma.assign([1, 2])
    layer.norm.beta.assign([0, 5])
    return layer


def test_word_position_and_segment_are_added_and_normalized(embeddings):
    # Sums: [1, 10], [3, 20], [102, 20]. Two numbers normalize to -1 and 1,
    # the larger one to 1; then the second is doubled and 5 is added.
    encoded = embeddings(
        np.array([0, 2, 1]), np.array([0, 0, 1]), np.array([0, 1, 1])
    )
    np.testing.assert_allclose(encoded, [[-1, 7], [-1, 7], [1, 3]], atol=1e-6)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4)])
def test_any_leading_shape(embeddings, shape):
    ids = np.zeros(shape, "int32")
    assert embeddings(ids, ids, ids).shape == (*shape, 2)


def test_names_and_shapes_of_weights(tiny_config):
    layer = BertEmbeddings(tiny_config, name="embeddings")
    layer.build()
    assert {weight.path: weight.shape for weight in layer.weights} == {
        "embeddings/word/embeddings": (30, 8),
        "embeddings/position/embeddings": (16, 8),
        "embeddings/type/embeddings": (2, 8),
        "embeddings/norm/gamma": (8,),
        "embeddings/norm/beta": (8,),
    }


def test_sinusoidal_table():
    layer = SinusoidalPositions(3, 4)
    layer.build()
    # Columns 0 and 1 turn by 1 radian per position, columns 2 and 3 by 1/100:
    # 10000 ** (-2 / 4).
    np.testing.assert_allclose(
        layer(np.array([0, 1, 2])),
        [
            [0, 1, 0, 1],
            [0.8414710, 0.5403023, 0.0099998, 0.9999500],
            [0.9092974, -0.4161468, 0.0199987, 0.9998000],
        ],
        atol=1e-7,
    )


def test_sinusoidal_positions_are_not_learned():
    layer = SinusoidalPositions(3, 5)
    layer.build()
    assert layer.weights == []
    assert layer(np.array([[2]])).shape == (1, 1, 5)


def test_the_table_takes_the_compute_dtype():
    layer = SinusoidalPositions(3, 4, dtype="mixed_bfloat16")
    layer.build()
    dtype = layer(np.array([0])).dtype
    assert keras.backend.standardize_dtype(dtype) == "bfloat16"
