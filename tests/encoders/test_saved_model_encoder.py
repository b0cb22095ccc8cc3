"""A SavedModel that honours the TF Hub text API is a Keras layer."""

import numpy as np
import pytest
import tensorflow as tf
from hub_encoder import save_hub_encoder

from bert_keras.encoders import SavedModelEncoder
from bert_keras.training import TrainingSettings
from bert_keras.training.optimization import make_optimizer
from bert_keras.trust import UntrustedModel


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_hub_encoder(tmp_path_factory.mktemp("hub") / "encoder")


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
    assert encoder.count_params() == 40 * 6 + 6 * 8 + 8 * 8 + 8 * 8 + 1
    assert [v.path for v in encoder.non_trainable_variables] == [
        "saved_model/scale/gamma"
    ]


def test_dropout_is_active_in_training_only(encoder, inputs):
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
        TrainingSettings(learning_rate=0.1, warmup_ratio=0.0)
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
    with pytest.raises(ValueError, match="it was published with"):
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
