"""Presets that KerasHub writes, read here; `make test-keras-hub`."""

import sys
from pathlib import Path

import numpy as np
import pytest

from bert_keras.checkpoints import (
    load_encoder,
    load_preprocessor,
    read_checkpoint,
)
from bert_keras.checkpoints.readers.hdf5_file import list_hdf5

pytestmark = pytest.mark.keras_hub

SHAPES = {
    "two layers": {},
    "four layers": {
        "vocabulary_size": 203,
        "hidden_dim": 60,
        "num_layers": 4,
        "num_heads": 5,
        "intermediate_dim": 150,
        "max_sequence_length": 40,
    },
    "one segment": {"num_segments": 1, "num_heads": 1},
    "twelve layers": {"num_layers": 12, "num_heads": 6},
    "bfloat16": {"dtype": "bfloat16"},
}


@pytest.fixture(scope="module")
def maker():
    """The script that makes the golden preset."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))
    try:
        import make_keras_hub
    finally:
        sys.path.pop(0)
    return make_keras_hub


@pytest.fixture
def models():
    import keras_hub

    return keras_hub.models


def outputs_agree(folder, inputs, expected, compare):
    encoded = load_encoder(folder)(inputs)
    real = inputs["input_mask"].astype(bool)
    compare("pooled", encoded["pooled_output"], expected["pooled_output"])
    compare(
        "sequence",
        encoded["sequence_output"].numpy()[real],
        np.asarray(expected["sequence_output"])[real],
    )


@pytest.mark.parametrize("name", SHAPES)
def test_outputs(maker, compare, tmp_path, name):
    random = np.random.default_rng(1)
    shape = maker.SHAPE | SHAPES[name]
    backbone = maker.random_backbone(shape, random)
    backbone.save_to_preset(tmp_path)
    if name == "bfloat16":
        # The same numbers, computed in float32: their rounding is not ours.
        exact = maker.random_backbone(shape | {"dtype": "float32"}, random)
        for ours, theirs in zip(exact.weights, backbone.weights, strict=True):
            ours.assign(theirs)
        backbone = exact
    inputs = maker.random_inputs(shape, random)
    expected = backbone(maker.their_names(inputs))
    outputs_agree(tmp_path, inputs, expected, compare)


def test_shards(maker, compare, tmp_path):
    random = np.random.default_rng(2)
    backbone = maker.random_backbone(maker.SHAPE, random)
    backbone.save_to_preset(tmp_path, max_shard_size=4e-6)
    assert len(read_checkpoint(tmp_path).weights) > 2
    inputs = maker.random_inputs(maker.SHAPE, random)
    expected = backbone(maker.their_names(inputs))
    outputs_agree(tmp_path, inputs, expected, compare)


@pytest.mark.parametrize(
    "settings",
    [
        {"lowercase": True, "strip_accents": True},
        {"lowercase": True},
        {},
        {"strip_accents": True},
    ],
)
def test_tokenizer(maker, tmp_path, settings):
    words = maker.tokenizer(**settings)
    words.save_to_preset(tmp_path)
    backbone = maker.random_backbone(maker.SHAPE, np.random.default_rng(3))
    backbone.save_to_preset(tmp_path)
    pieces = load_preprocessor(tmp_path, max_length=11).tokenize(maker.TEXTS)
    expected = [np.asarray(words(text)).tolist() for text in maker.TEXTS]
    assert pieces.to_list() == expected


def test_a_compiled_classifier_without_its_optimizer(maker, models, tmp_path):
    random = np.random.default_rng(4)
    backbone = maker.random_backbone(maker.SHAPE, random)
    model = models.BertTextClassifier(backbone, 2, activation="sigmoid")
    model.optimizer.build(model.trainable_variables)
    model.save_to_preset(tmp_path)
    stored = list_hdf5(tmp_path / "task.weights.h5")
    assert any(name.startswith("optimizer/") for name in stored)
    contents = read_checkpoint(tmp_path)
    assert contents.unknown == {}
    assert contents.problem_type == "multi_label_classification"
    head = contents.heads["sequence_classifier"]
    kernel, bias = model.output_dense.get_weights()
    np.testing.assert_array_equal(head["dense/kernel"], kernel)
    np.testing.assert_array_equal(head["dense/bias"], bias)


def test_masked_language_model(maker, models, tmp_path):
    random = np.random.default_rng(5)
    backbone = maker.random_backbone(maker.SHAPE, random)
    model = models.BertMaskedLM(backbone)
    maker.randomize(model.masked_lm_head, random)
    model.save_to_preset(tmp_path)
    contents = read_checkpoint(tmp_path)
    head = contents.heads["masked_lm"]
    names = ("dense/kernel", "dense/bias", "norm/gamma", "norm/beta", "bias")
    assert sorted(head) == sorted(names)
    own = {weight.path: weight for weight in model.masked_lm_head.weights}
    for ours, theirs in zip(
        names[:-1],
        (
            "mlm_head/intermediate_dense/kernel",
            "mlm_head/intermediate_dense/bias",
            "mlm_head/intermediate_layer_norm/gamma",
            "mlm_head/intermediate_layer_norm/beta",
        ),
        strict=True,
    ):
        np.testing.assert_array_equal(head[ours], own[theirs])
    assert "exact GELU" in contents.notes[0]


def test_text_embedder(maker, models, tmp_path):
    backbone = maker.random_backbone(maker.SHAPE, np.random.default_rng(6))
    model = models.BertTextEmbedder(
        backbone,
        models.BertTextEmbedderPreprocessor(
            maker.tokenizer(), sequence_length=9
        ),
        pooling_mode="max",
        normalize=False,
    )
    model.save_to_preset(tmp_path)
    sentence = read_checkpoint(tmp_path).sentence
    assert sentence.pooling == "max" and not sentence.normalize
    assert sentence.max_length == 9


def test_another_architecture_is_refused(models, tmp_path):
    models.DistilBertBackbone(
        vocabulary_size=9,
        num_layers=1,
        num_heads=1,
        hidden_dim=4,
        intermediate_dim=4,
    ).save_to_preset(tmp_path)
    with pytest.raises(ValueError, match="DistilBertBackbone"):
        load_encoder(tmp_path)
