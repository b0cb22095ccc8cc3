import keras
import numpy as np
import pytest
import tensorflow as tf

from bert_keras.layers import WindowPooling

# Three windows of one text, one of another.
VECTORS = np.array([[1, -4], [3, -2], [5, 0], [7, 7]], "float32")
COUNTS = np.array([3, 1], "int32")
# exp(query . vector) is 1 : 4 : 16 for the three.
QUERY = [np.log(2), 0]
POOLED = {
    "mean": [[3, -2], [7, 7]],
    "max": [[5, 0], [7, 7]],
    "attention": [[(1 + 12 + 80) / 21, (-4 - 8) / 21], [7, 7]],
}


def built(mode, **options):
    layer = WindowPooling(mode, **options)
    layer.build((None, 2))
    if mode == "attention":
        layer.query.assign(QUERY)
    return layer


@pytest.mark.parametrize("mode", POOLED)
def test_by_hand(mode):
    pooled = built(mode)(VECTORS, COUNTS)
    np.testing.assert_allclose(pooled, POOLED[mode], rtol=1e-6)


def test_attention_begins_as_the_mean_and_can_learn():
    layer = WindowPooling("attention")
    with tf.GradientTape() as tape:
        pooled = layer(VECTORS, COUNTS)
    np.testing.assert_allclose(pooled, POOLED["mean"], rtol=1e-6)
    assert np.abs(tape.gradient(pooled, layer.query.value)).min() > 0.1


def test_large_scores_do_not_overflow():
    pooled = built("attention")(VECTORS * 1000, COUNTS)
    np.testing.assert_allclose(pooled, [[5000, 0], [7000, 7000]])


@pytest.mark.parametrize("mode", POOLED)
def test_no_text_depends_on_another(mode):
    changed = VECTORS.copy()
    changed[3] = np.nan
    pooled = built(mode)(changed, COUNTS)
    np.testing.assert_allclose(pooled[0], POOLED[mode][0], rtol=1e-6)


@pytest.mark.parametrize("mode", POOLED)
def test_in_a_graph_of_any_number(mode):
    layer = built(mode)
    graph = tf.function(
        lambda *given: layer(*given),
        input_signature=[
            tf.TensorSpec([None, 2]),
            tf.TensorSpec([None], tf.int32),
        ],
    )
    np.testing.assert_allclose(graph(VECTORS, COUNTS), POOLED[mode], rtol=1e-6)
    assert graph(VECTORS[:0], COUNTS[:0]).shape == (0, 2)


def test_many_windows_are_counted_in_float32():
    ones = np.ones((300, 1), "float32")
    pooled = WindowPooling("mean", dtype="bfloat16")(ones, np.array([300]))
    assert pooled.dtype.name == "bfloat16"
    assert float(pooled[0, 0]) == 1.0


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="mean, max, attention"):
        WindowPooling("sum")


def test_saved_within_a_model(tmp_path):
    vectors = keras.Input((2,))
    counts = keras.Input((), dtype="int32")
    layer = built("attention")
    model = keras.Model([vectors, counts], layer(vectors, counts))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        loaded([VECTORS, COUNTS]), POOLED["attention"], rtol=1e-6
    )
