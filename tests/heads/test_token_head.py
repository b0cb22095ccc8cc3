"""The head of tokens: shapes, dropout, one sum by hand."""

import numpy as np

from bert_keras.heads import TokenHead


def head(**options):
    return TokenHead(3, 2, seed=1, name="head", **options)


ENCODED = {"sequence_output": np.arange(12, dtype=np.float32).reshape(2, 2, 3)}


def test_a_dense_layer_on_each_token():
    layer = head(dropout=0.0)
    kernel, bias = layer.weights
    bias.assign([1.0, -1.0])
    found = np.asarray(layer(ENCODED, {}))
    by_hand = ENCODED["sequence_output"] @ np.asarray(kernel) + [1.0, -1.0]
    np.testing.assert_allclose(found, by_hand, rtol=1e-5)
    assert not layer.pooled_only
    assert [w.path for w in layer.weights] == [
        "head/dense/kernel",
        "head/dense/bias",
    ]


def test_dropout_is_active_in_training_only():
    layer = head(dropout=0.5)
    still = np.asarray(layer(ENCODED, {}, training=False))
    assert not np.allclose(np.asarray(layer(ENCODED, {}, training=True)), still)
    assert np.array_equal(np.asarray(layer(ENCODED, {})), still)


def test_logits_are_float32_in_lower_precision():
    found = head(dtype="mixed_bfloat16")(ENCODED, {})
    assert str(found.dtype).endswith("float32'>") or found.dtype == "float32"
