"""A SavedModel that honours the TF Hub text API is a Keras layer."""

import numpy as np
import pytest
import tensorflow as tf

from bert_keras.encoders import SavedModelEncoder
from bert_keras.training import TrainingSettings
from bert_keras.training.optimization import make_optimizer
from bert_keras.trust import UntrustedModel

NAMES = ("input_word_ids", "input_mask", "input_type_ids")


class Projected(tf.Module):
    """Words of width 6, projected to 8, attention, dropout."""

    def __init__(self):
        super().__init__()
        random = np.random.default_rng(0)

        def weight(name, *shape):
            values = random.normal(0, 0.3, shape).astype("float32")
            return tf.Variable(values, name=name)

        self.words = weight("words/embeddings", 30, 6)
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    module = Projected()
    specs = {name: tf.TensorSpec([None, None], tf.int32) for name in NAMES}
    for training in (False, True):
        module.__call__.get_concrete_function(specs, training=training)
    path = tmp_path_factory.mktemp("hub") / "encoder"
    tf.saved_model.save(module, str(path))
    return path


@pytest.fixture
def encoder(folder):
    return SavedModelEncoder(folder)


@pytest.fixture
def inputs(inputs_for):
    return inputs_for([[1, 1, 1, 1], [1, 1, 0, 0]])


@pytest.mark.parametrize("packed", [False, True])
def test_outputs_are_those_of_the_savedmodel(encoder, folder, inputs, packed):
    direct = tf.saved_model.load(str(folder))(
        {name: tf.constant(values) for name, values in inputs.items()}
    )
    encoded = encoder(inputs, packed=packed)
    for name in ("sequence_output", "pooled_output"):
        np.testing.assert_array_equal(encoded[name], direct[name])
    assert len(encoded["encoder_outputs"]) == 2
    assert encoder.config.hidden_size == 8
    pooled = encoder(inputs, packed=packed, pooled_only=True)
    assert set(pooled) == {"pooled_output"}


def test_weights_have_their_names_and_are_trainable_where_they_were(encoder):
    assert set(encoder.named_variables) == {
        "words/embeddings",
        "projection/kernel",
        "attention/query/kernel",
        "pooler/kernel",
        "scale/gamma",
    }
    assert encoder.count_params() == 30 * 6 + 6 * 8 + 8 * 8 + 8 * 8 + 1
    assert [v.path for v in encoder.non_trainable_variables] == [
        "saved_model/scale/gamma"
    ]


def test_dropout_is_alive_in_training_alone(encoder, inputs):
    def twice(**options):
        runs = [encoder(inputs, **options)["sequence_output"] for _ in "12"]
        return np.abs(runs[0] - runs[1]).max()

    assert twice(training=False) == 0
    assert twice() == 0
    assert twice(training=True) > 0.01


def test_the_optimizer_of_a_training_changes_what_the_graph_computes(
    encoder, inputs
):
    before = encoder(inputs)["pooled_output"].numpy()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(encoder(inputs)["pooled_output"])
    variables = encoder.trainable_variables
    gradients = tape.gradient(loss, [v.value for v in variables])
    optimizer = make_optimizer(
        TrainingSettings(learning_rate=0.1, warmup=0.0), total_steps=2
    )
    optimizer.build(variables)
    optimizer.apply(
        [tf.convert_to_tensor(gradient) for gradient in gradients], variables
    )
    after = encoder(inputs)["pooled_output"].numpy()
    assert after.sum() < before.sum() - 0.1


def test_what_cannot_be_is_said(encoder, folder, inputs):
    with pytest.raises(ValueError, match="return_attention_scores"):
        encoder(inputs, return_attention_scores=True)
    with pytest.raises(ValueError, match="Missing: input_mask"):
        encoder({k: v for k, v in inputs.items() if k != "input_mask"})
    with pytest.raises(ValueError, match="computes as it was written"):
        SavedModelEncoder(folder, dtype="bfloat16")


def test_another_savedmodel_is_no_encoder(tiny_export):
    with pytest.raises(ValueError, match="TF Hub text API"):
        SavedModelEncoder(tiny_export)


def test_an_encoder_that_reads_files_is_refused(tmp_path):
    module = tf.Module()
    module.__call__ = tf.function(
        tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)]
    )
    tf.saved_model.save(module, str(tmp_path))
    with pytest.raises(UntrustedModel, match="ReadFile"):
        SavedModelEncoder(tmp_path)
