"""What an encoder of width 8 promises: shapes, layouts, masks, dropout."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.contract import (
    ATTENTION_SCORES,
    ENCODER_OUTPUTS,
    INPUT_MASK,
    INPUT_TYPE_IDS,
    INPUT_WORD_IDS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
    encoder_input_specs,
)

LAYOUTS = pytest.mark.parametrize("packed", [False, True])
MASK = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], "int32")
# Any masks of length 2 to 7: full, short, with gaps, without tokens.
MASKS = st.integers(2, 7).flatmap(
    lambda length: st.lists(
        st.lists(st.integers(0, 1), min_size=length, max_size=length),
        min_size=1,
        max_size=4,
    )
)


def assert_close(received, expected, atol=1e-5):
    np.testing.assert_allclose(received, expected, rtol=0, atol=atol)


@LAYOUTS
def test_shapes(tiny_encoder, inputs_for, packed):
    encoded = tiny_encoder(
        inputs_for(MASK), packed=packed, return_attention_scores=True
    )
    assert encoded[SEQUENCE_OUTPUT].shape == (2, 4, 8)
    assert encoded[POOLED_OUTPUT].shape == (2, 8)
    layers = encoded[ENCODER_OUTPUTS]
    assert [layer.shape for layer in layers] == [(2, 4, 8)] * 2
    np.testing.assert_array_equal(layers[-1], encoded[SEQUENCE_OUTPUT])
    scores = encoded[ATTENTION_SCORES]
    assert [layer.shape for layer in scores] == [(2, 2, 4, 4)] * 2


def test_scores_come_on_request(tiny_encoder, inputs_for):
    assert set(tiny_encoder(inputs_for(MASK))) == {
        SEQUENCE_OUTPUT,
        POOLED_OUTPUT,
        ENCODER_OUTPUTS,
    }


@LAYOUTS
def test_scores_are_probabilities(tiny_encoder, inputs_for, packed):
    encoded = tiny_encoder(
        inputs_for(MASK), packed=packed, return_attention_scores=True
    )
    for scores in encoded[ATTENTION_SCORES]:
        assert_close(np.sum(scores, axis=-1), np.ones((2, 2, 4)), atol=1e-6)
        assert np.all(scores.numpy()[0, :, :, 3] == 0)


def test_the_pooled_output_is_a_dense_layer_on_the_first_token(
    tiny_encoder, inputs_for
):
    encoded = tiny_encoder(inputs_for(MASK))
    first = encoded[SEQUENCE_OUTPUT].numpy()[:, 0]
    weights = tiny_encoder.named_variables
    kernel, bias = weights["pooler/kernel"], weights["pooler/bias"]
    assert_close(
        encoded[POOLED_OUTPUT],
        np.tanh(first @ kernel.numpy() + bias.numpy()),
        atol=1e-6,
    )


@pytest.fixture(scope="module")
def both_layouts(tiny_encoder):
    """Encodes padded and packed, as graphs: much faster for many masks."""

    @tf.function(input_signature=[encoder_input_specs()])
    def encode(inputs):
        return tiny_encoder(inputs), tiny_encoder(inputs, packed=True)

    return encode


@given(mask=MASKS)
@settings(max_examples=100, deadline=None)
def test_packed_equals_padded(both_layouts, inputs_for, mask):
    inputs = inputs_for(mask)
    padded, packed = both_layouts(inputs)
    for name in (SEQUENCE_OUTPUT, POOLED_OUTPUT):
        assert np.isfinite(padded[name]).all()
        assert np.isfinite(packed[name]).all()
    real = inputs[INPUT_MASK].astype(bool)
    for ours, theirs in zip(
        packed[ENCODER_OUTPUTS], padded[ENCODER_OUTPUTS], strict=True
    ):
        assert_close(ours.numpy()[real], theirs.numpy()[real])
    # The vector of a sequence without tokens means nothing.
    some = real.any(axis=1)
    assert_close(
        packed[POOLED_OUTPUT].numpy()[some],
        padded[POOLED_OUTPUT].numpy()[some],
    )


@LAYOUTS
def test_values_at_padding_do_not_matter(tiny_encoder, inputs_for, packed):
    inputs = inputs_for(MASK)
    others = {
        name: np.where(MASK, values, 1) for name, values in inputs.items()
    } | {INPUT_MASK: MASK}
    assert np.any(inputs[INPUT_WORD_IDS] != others[INPUT_WORD_IDS])
    encoded = tiny_encoder(inputs, packed=packed)[SEQUENCE_OUTPUT]
    again = tiny_encoder(others, packed=packed)[SEQUENCE_OUTPUT]
    real = MASK.astype(bool)
    np.testing.assert_array_equal(encoded.numpy()[real], again.numpy()[real])


@LAYOUTS
def test_a_sequence_is_encoded_by_itself(tiny_encoder, inputs_for, packed):
    inputs = inputs_for(MASK)
    alone = {name: values[:1, :3] for name, values in inputs.items()}
    assert_close(
        tiny_encoder(alone, packed=packed)[SEQUENCE_OUTPUT][0],
        tiny_encoder(inputs, packed=packed)[SEQUENCE_OUTPUT][0, :3],
    )


@LAYOUTS
@pytest.mark.parametrize("mask", [[[0, 0]], [[0, 0], [0, 0]]])
def test_batches_without_a_token(tiny_encoder, inputs_for, packed, mask):
    encoded = tiny_encoder(inputs_for(mask), packed=packed)
    assert encoded[SEQUENCE_OUTPUT].shape == (len(mask), 2, 8)
    assert np.isfinite(encoded[POOLED_OUTPUT]).all()


@LAYOUTS
def test_a_batch_without_sequences(tiny_encoder, inputs_for, packed):
    encoded = tiny_encoder(inputs_for(np.zeros((0, 3))), packed=packed)
    assert encoded[SEQUENCE_OUTPUT].shape == (0, 3, 8)
    assert encoded[POOLED_OUTPUT].shape == (0, 8)


@LAYOUTS
def test_an_empty_sequence_depends_on_no_other(
    tiny_encoder, inputs_for, packed
):
    mask = np.array([[1, 1], [0, 0]])
    inputs = inputs_for(mask)
    others = {name: values.copy() for name, values in inputs.items()}
    others[INPUT_WORD_IDS][0] = [7, 8]
    np.testing.assert_array_equal(
        tiny_encoder(inputs, packed=packed)[POOLED_OUTPUT][1],
        tiny_encoder(others, packed=packed)[POOLED_OUTPUT][1],
    )


@LAYOUTS
def test_dropout_is_active_in_training_only(tiny_encoder, inputs_for, packed):
    inputs = inputs_for(MASK)

    def pooled(**options):
        return tiny_encoder(inputs, packed=packed, **options)[POOLED_OUTPUT]

    np.testing.assert_array_equal(pooled(), pooled())
    np.testing.assert_array_equal(pooled(), pooled(training=False))
    assert np.abs(pooled(training=True) - pooled(training=True)).max() > 1e-3


@LAYOUTS
@pytest.mark.parametrize("dtype", ["bool", "int64", "float32"])
def test_any_dtype_of_mask(tiny_encoder, inputs_for, packed, dtype):
    inputs = inputs_for(MASK)
    others = {**inputs, INPUT_MASK: MASK.astype(dtype)}
    np.testing.assert_array_equal(
        tiny_encoder(inputs, packed=packed)[POOLED_OUTPUT],
        tiny_encoder(others, packed=packed)[POOLED_OUTPUT],
    )


def test_a_missing_input(tiny_encoder, inputs_for):
    inputs = inputs_for(MASK)
    del inputs[INPUT_TYPE_IDS]
    with pytest.raises(ValueError, match=r"Missing: input_type_ids\b"):
        tiny_encoder(inputs)


def test_sequences_longer_than_the_position_table(tiny_encoder, inputs_for):
    tiny_encoder(inputs_for(np.ones((1, 16))))
    with pytest.raises(ValueError, match=r"at most 16 .* length=17\b"):
        tiny_encoder(inputs_for(np.ones((1, 17))))


@LAYOUTS
def test_the_pooled_output_alone_is_the_same(tiny_encoder, inputs_for, packed):
    inputs = inputs_for(MASK)
    whole = tiny_encoder(inputs, packed=packed)
    alone = tiny_encoder(inputs, packed=packed, pooled_only=True)
    assert set(alone) == {POOLED_OUTPUT}
    assert_close(alone[POOLED_OUTPUT], whole[POOLED_OUTPUT])


def test_scores_and_the_pooled_output_alone_exclude_each_other(
    tiny_encoder, inputs_for
):
    with pytest.raises(ValueError, match="pooled_only"):
        tiny_encoder(
            inputs_for(MASK), pooled_only=True, return_attention_scores=True
        )
