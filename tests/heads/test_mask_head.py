import keras
import numpy as np
import pytest

from bert_keras.heads import MaskedLMHead, MaskHead

POSITIONS = np.array([[1, 2], [0, 0]])


@pytest.mark.parametrize("tied", [True, False])
def test_it_answers_as_the_head_it_holds(tiny_encoder, inputs_for, tied):
    table = tiny_encoder.embeddings.word.embeddings
    head = MaskHead(
        tiny_encoder.config,
        tied=tied,
        name="head",
    )
    inputs = inputs_for([[1, 1, 1], [1, 1, 0]])
    encoded = tiny_encoder(inputs)
    logits = head(
        encoded,
        inputs | {"masked_lm_positions": POSITIONS},
        table=table if tied else None,
    )
    assert logits.shape == (2, 2, 30)
    expected = head.masked_lm(
        encoded["sequence_output"], POSITIONS, table=table if tied else None
    )
    np.testing.assert_array_equal(logits, expected)


def test_its_weights_have_its_name_and_the_table_is_not_one(tiny_encoder):
    head = MaskHead(tiny_encoder.config, name="head")
    inner = MaskedLMHead(tiny_encoder.config).named_variables
    paths = {weight.path for weight in head.weights}
    assert paths == {f"head/{name}" for name in inner}
    assert head.count_params() == 8 * 8 + 8 + 8 + 8 + 30


def test_a_seed_repeats(tiny_config):
    kernels = [
        keras.ops.convert_to_numpy(
            MaskHead(tiny_config, seed=seed).masked_lm.dense.kernel
        )
        for seed in (1, 1, 2)
    ]
    assert (kernels[0] == kernels[1]).all()
    assert (kernels[0] != kernels[2]).any()
