"""LoRA: what it computes, what it trains, how it is saved and merged."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hub_encoder import save_hub_encoder

from bert_keras.contract import ENCODER_INPUTS, POOLED_OUTPUT, SEQUENCE_OUTPUT
from bert_keras.encoders import BertEncoder, SavedModelEncoder

MASK = [[1, 1, 1, 0], [1, 1, 1, 1]]
LORA = [
    f"block_{i}/attention/{projection}/lora_{letter}"
    for i in (0, 1)
    for projection in ("query", "value")
    for letter in "ab"
]


@pytest.fixture
def build(build_encoder, tiny_config):
    """Builds the tiny encoder, with LoRA of rank 2 that was trained."""

    def build(dtype=None, rank=2):
        encoder = build_encoder(tiny_config, dtype=dtype)
        encoder.enable_lora(rank)
        random = np.random.default_rng(2)
        for name in LORA:
            variable = encoder.named_variables[name]
            variable.assign(random.normal(0, 0.5, variable.shape))
        return encoder

    return build


def outputs(encoder, inputs, **options):
    encoded = encoder(inputs, **options)
    return np.concatenate(
        [
            keras.ops.convert_to_numpy(keras.ops.cast(x, "float32"))
            for x in (encoded[SEQUENCE_OUTPUT][:, 0], encoded[POOLED_OUTPUT])
        ]
    )


def test_names_and_shapes(tiny_config):
    plain = BertEncoder(tiny_config)
    encoder = BertEncoder(tiny_config)
    assert encoder.lora_rank is None
    encoder.enable_lora(3)
    assert encoder.lora_rank == 3
    added = {
        name: variable.shape
        for name, variable in encoder.named_variables.items()
        if name not in plain.named_variables
    }
    assert added == {
        name: (8, 3) if name.endswith("a") else (3, 8) for name in LORA
    }
    assert len(encoder.weights) == len(plain.weights) + len(LORA)
    assert {v.path for v in encoder.weights} == {
        f"bert/{name}" for name in encoder.named_variables
    }


def test_names_within_another_layer(tiny_config):
    class Wrapper(keras.layers.Layer):
        def build(self):
            self.encoder = BertEncoder(tiny_config)

    wrapper = Wrapper(name="wrapper")
    wrapper.build()
    wrapper.encoder.enable_lora(1)
    assert set(LORA) < set(wrapper.encoder.named_variables)
    paths = {v.path for v in wrapper.encoder.trainable_variables}
    assert paths == {f"wrapper/bert/{name}" for name in LORA}


def test_it_starts_without_effect_and_no_two_are_alike(
    build_encoder, tiny_config, inputs_for
):
    encoder = build_encoder(tiny_config)
    before = outputs(encoder, inputs_for(MASK))
    encoder.enable_lora(2, seed=1)
    np.testing.assert_array_equal(outputs(encoder, inputs_for(MASK)), before)
    drawn = [
        encoder.named_variables[name].numpy()
        for name in LORA
        if name.endswith("lora_a")
    ]
    assert len({values.tobytes() for values in drawn}) == 4
    again = build_encoder(tiny_config)
    again.enable_lora(2, seed=1)
    np.testing.assert_array_equal(
        again.named_variables[LORA[0]], encoder.named_variables[LORA[0]]
    )


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("pooled_only", [False, True])
def test_rank_1_by_hand(build, inputs_for, packed, pooled_only):
    inputs = inputs_for(MASK)
    options = {"packed": packed, "pooled_only": pooled_only}
    encoder = build(rank=1)
    received = encoder(inputs, **options)[POOLED_OUTPUT]
    # The same encoder, with the kernels computed by NumPy.
    plain = build(rank=1)
    variables = plain.named_variables
    for name in LORA[::2]:
        a = variables[name].numpy()
        b = variables[name[:-1] + "b"].numpy()
        kernel = variables[name.replace("lora_a", "kernel")]
        kernel.assign(kernel.numpy() + np.outer(a[:, 0], b[0]))
        variables[name].assign(np.zeros((8, 1)))
    expected = plain(inputs)[POOLED_OUTPUT]
    np.testing.assert_allclose(received, expected, atol=1e-5)
    unchanged = build(rank=1)
    for name in LORA:
        unchanged.named_variables[name].assign(
            np.zeros(unchanged.named_variables[name].shape)
        )
    assert np.abs(unchanged(inputs)[POOLED_OUTPUT] - expected).max() > 0.1


def test_what_is_trained(build):
    encoder = build()
    trained = {v.path for v in encoder.trainable_variables}
    assert trained == {f"bert/{name}" for name in LORA}
    frozen = [
        f"block_{i}/{name}"
        for i in (0, 1)
        for name in (
            "attention/key",
            "attention/output",
            "attention/query/bias",
            "attention/query/kernel",
            "attention/value/bias",
            "attention/value/kernel",
            "attention_norm",
            "feed_forward",
            "feed_forward_norm",
        )
    ]
    assert encoder.frozen == [*frozen, "embeddings", "pooler"]


def test_with_freezing(build):
    encoder = build()
    lora_alone = encoder.frozen
    encoder.freeze(1)
    assert {v.path for v in encoder.trainable_variables} == {
        f"bert/{name}" for name in LORA if name.startswith("block_1")
    }
    encoder.unfreeze()
    assert encoder.frozen == lora_alone
    encoder.pooler.trainable = True
    assert encoder.frozen == [name for name in lora_alone if name != "pooler"]


def test_training_moves_lora_alone(build_encoder, tiny_config, inputs_for):
    encoder = build_encoder(tiny_config)
    encoder.enable_lora(2)
    inputs = {
        name: keras.Input((None,), dtype="int32", name=name)
        for name in ENCODER_INPUTS
    }
    model = keras.Model(inputs, encoder(inputs)[POOLED_OUTPUT])
    before = {k: v.numpy() for k, v in encoder.named_variables.items()}
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=True)
    # At first the gradient of A is zero, since B is.
    model.fit(inputs_for(MASK), np.ones((2, 8)), epochs=2, verbose=0)
    moved = {
        name
        for name, variable in encoder.named_variables.items()
        if np.any(variable.numpy() != before[name])
    }
    assert moved == set(LORA)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16", "bfloat16"])
def test_merged(build, tiny_config, inputs_for, dtype):
    encoder = build(dtype)
    # bfloat16 would round small updates away.
    assert {encoder.named_variables[name].dtype for name in LORA} == {"float32"}
    before = outputs(encoder, inputs_for(MASK))
    kernel = encoder.blocks[0].attention.query.kernel.numpy()
    a, b = (encoder.named_variables[name].numpy() for name in LORA[:2])
    encoder.merge_lora()
    np.testing.assert_allclose(
        encoder.blocks[0].attention.query.kernel.numpy().astype("float32"),
        kernel.astype("float32") + a @ b,
        atol=0.02 if dtype == "bfloat16" else 1e-6,
    )
    after = outputs(encoder, inputs_for(MASK))
    np.testing.assert_allclose(
        after, before, atol=1e-5 if dtype == "float32" else 0.2
    )
    plain = BertEncoder(tiny_config, dtype=dtype)
    assert list(encoder.named_variables) == list(plain.named_variables)
    assert len(encoder.weights) == len(plain.weights)
    assert encoder.lora_rank is None
    assert encoder.frozen == []


def test_a_graph_that_was_traced_before_stays_right(build, inputs_for):
    encoder = build()
    graph = tf.function(lambda inputs: encoder(inputs)[POOLED_OUTPUT])
    before = graph(inputs_for(MASK))
    encoder.merge_lora()
    np.testing.assert_allclose(graph(inputs_for(MASK)), before, atol=1e-5)


def test_enabled_again_after_merging(build):
    encoder = build()
    names = list(encoder.named_variables)
    encoder.merge_lora()
    encoder.enable_lora(4)
    assert encoder.lora_rank == 4
    assert list(encoder.named_variables) == names


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_saved_as_it_is(build, inputs_for, tmp_path, dtype):
    encoder = build(dtype)
    encoder.freeze(1)
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.models.load_model(tmp_path / "encoder.keras")
    assert loaded.lora_rank == 2
    assert loaded.frozen == encoder.frozen
    for name, variable in encoder.named_variables.items():
        np.testing.assert_array_equal(variable, loaded.named_variables[name])
    np.testing.assert_array_equal(
        outputs(loaded, inputs_for(MASK)), outputs(encoder, inputs_for(MASK))
    )


def test_weights_are_saved_as_they_are(build, tiny_config, tmp_path):
    encoder = build()
    encoder.save_weights(tmp_path / "encoder.weights.h5")
    other = BertEncoder.from_config(encoder.get_config())
    other.load_weights(tmp_path / "encoder.weights.h5")
    for name, variable in encoder.named_variables.items():
        np.testing.assert_array_equal(variable, other.named_variables[name])


@pytest.mark.parametrize("rank", [0, -1, True, 1.0, "8", None])
def test_another_rank_is_refused(tiny_config, rank):
    encoder = BertEncoder(tiny_config)
    with pytest.raises(ValueError, match=r"at least 1\. Received: rank="):
        encoder.enable_lora(rank)
    assert encoder.lora_rank is None
    assert encoder.frozen == []


def test_twice_is_refused(build):
    encoder = build()
    with pytest.raises(ValueError, match=r"LoRA of rank 2 is .*merge_lora"):
        encoder.enable_lora(4)
    encoder.merge_lora()
    with pytest.raises(ValueError, match="nothing to merge"):
        encoder.merge_lora()


def test_a_savedmodel_has_none(tmp_path):
    encoder = SavedModelEncoder(save_hub_encoder(tmp_path / "encoder"))
    assert encoder.lora_rank is None
    with pytest.raises(ValueError, match="graph of a SavedModel is fixed"):
        encoder.enable_lora(8)
    with pytest.raises(ValueError, match="nothing to merge"):
        encoder.merge_lora()
