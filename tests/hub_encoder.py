"""A SavedModel of the TF Hub text API that is no BERT."""

from pathlib import Path

import numpy as np
import tensorflow as tf

NAMES = ("input_word_ids", "input_mask", "input_type_ids")


class Projected(tf.Module):
    """Words of width 6, projected to 8, attention, dropout."""

    def __init__(self):
        super().__init__()
        random = np.random.default_rng(0)

        def weight(name, *shape):
            values = random.normal(0, 0.3, shape).astype("float32")
            return tf.Variable(values, name=name)

        self.words = weight("words/embeddings", 40, 6)
        self.projection = weight("projection/kernel", 6, 8)
        self.query = weight("attention/query/kernel", 8, 8)
        self.pooler = weight("pooler/kernel", 8, 8)
        self.frozen = tf.Variable([1.0], trainable=False, name="scale/gamma")

    @tf.function
    def __call__(self, inputs, training=False):
        x = tf.gather(self.words, inputs["input_word_ids"]) @ self.projection
        x += tf.cast(inputs["input_type_ids"], tf.float32)[..., None]
        x *= self.frozen
        if training:
            x = tf.nn.dropout(x, 0.5)
        mask = tf.cast(inputs["input_mask"], tf.float32)[:, None, :]
        scores = tf.matmul(x @ self.query, x, transpose_b=True)
        y = x + tf.nn.softmax(scores + (mask - 1) * 1e9) @ x
        return {
            "sequence_output": y,
            "pooled_output": tf.tanh(y[:, 0] @ self.pooler),
            "encoder_outputs": [x, y],
        }


def save_hub_encoder(folder: Path, pieces=()) -> Path:
    """Saves it; with pieces, as published encoders hold their vocabulary.

    Args:
        folder: Of the SavedModel.
        pieces: The vocabulary; at most 40.
    """
    module = Projected()
    specs = {name: tf.TensorSpec([None, None], tf.int32) for name in NAMES}
    for training in (False, True):
        module.__call__.get_concrete_function(specs, training=training)
    if pieces:
        vocabulary = folder.parent / "vocab.txt"
        vocabulary.write_text("\n".join(pieces) + "\n", encoding="utf-8")
        module.vocab_file = tf.saved_model.Asset(str(vocabulary))
        module.do_lower_case = tf.Variable(True, trainable=False)
    tf.saved_model.save(module, str(folder))
    return folder
