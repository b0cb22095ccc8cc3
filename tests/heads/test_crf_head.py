"""The head of a CRF: logits as without, and transitions that learn faster."""

import numpy as np
import tensorflow as tf

from bert_keras.heads import CrfHead, TokenHead

ENCODED = {"sequence_output": np.arange(12, dtype=np.float32).reshape(2, 2, 3)}


def test_logits_and_steps():
    options = {"seed": 1, "dropout": 0.0, "name": "head"}
    layer, plain = CrfHead(3, 2, **options), TokenHead(3, 2, **options)
    logits, transitions = layer(ENCODED, {})
    np.testing.assert_array_equal(logits, plain(ENCODED, {}))
    np.testing.assert_array_equal(transitions, np.zeros([2, 2]))
    paths = {weight.path: weight for weight in layer.weights}
    assert set(paths) == {
        "head/dense/kernel",
        "head/dense/bias",
        "head/transitions",
    }
    paths["head/transitions"].assign([[0.0, 0.5], [-0.25, 1.0]])
    _, transitions = layer(ENCODED, {})
    np.testing.assert_allclose(transitions, [[0, 50], [-25, 100]], rtol=1e-6)


def test_clipping_sees_plain_gradients():
    layer = CrfHead(3, 2, name="head")
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer.transitions * [[1.0, 2.0], [3.0, 4.0]])
    (weight,) = [w for w in layer.weights if w.path == "head/transitions"]
    found = tape.gradient(total, weight.value)
    np.testing.assert_allclose(found, [[1, 2], [3, 4]], rtol=1e-6)
