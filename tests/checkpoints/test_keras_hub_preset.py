"""A preset of KerasHub, from golden/keras_hub, where its maker stands too."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from safetensors.numpy import load_file

from bert_keras.checkpoints import (
    CheckpointError,
    WeightsError,
    load_encoder,
    load_preprocessor,
    read_checkpoint,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "keras_hub"


@pytest.fixture
def preset(tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(GOLDEN, tmp_path / "preset")


def change_json(path, **changes):
    values = json.loads(path.read_text())
    values["config"] |= changes
    path.write_text(json.dumps(values))


def test_the_encoder_computes_the_same():
    expected = load_file(GOLDEN / "outputs.safetensors")
    encoded = load_encoder(GOLDEN)(expected)
    real = expected["input_mask"].astype(bool)
    for name in ("sequence_output", "pooled_output"):
        ours, theirs = encoded[name].numpy(), expected[name]
        if name == "sequence_output":
            ours, theirs = ours[real], theirs[real]
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def test_the_tokenizer_is_the_same():
    tokens = json.loads((GOLDEN / "tokens.json").read_text(encoding="utf-8"))
    pieces = load_preprocessor(GOLDEN).tokenize(list(tokens))
    assert pieces.to_list() == list(tokens.values())


def test_the_head_is_the_same():
    expected = load_file(GOLDEN / "outputs.safetensors")
    contents = read_checkpoint(GOLDEN)
    head = contents.heads["sequence_classifier"]
    logits = expected["pooled_output"] @ np.asarray(head["dense/kernel"])
    logits += np.asarray(head["dense/bias"])
    np.testing.assert_allclose(logits, expected["logits"], rtol=0, atol=1e-5)
    assert contents.labels == ("LABEL_0", "LABEL_1", "LABEL_2")
    assert contents.unknown == {}


def test_settings():
    contents = read_checkpoint(GOLDEN)
    assert contents.format == "keras-hub"
    assert contents.config.hidden_act == "gelu_new"
    assert contents.config.layer_norm_eps == 1e-12
    assert contents.config.num_attention_heads == 3
    assert contents.tokenizer.do_lower_case
    assert contents.tokenizer.strips_accents


@pytest.mark.parametrize(
    "file, changes, expected",
    [
        ("tokenizer.json", {"split": False}, "split=True"),
        ("tokenizer.json", {"suffix_indicator": "@"}, "suffix_indicator='##'"),
    ],
)
def test_another_tokenizer(preset, file, changes, expected):
    change_json(preset / file, **changes)
    assert load_encoder(preset).config.hidden_size == 12
    with pytest.raises(CheckpointError, match=expected):
        load_preprocessor(preset)


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"rotary": True}, "Unknown: rotary"),
        ({"num_heads": 5}, "num_attention_heads"),
        ({"num_layers": "2"}, "num_hidden_layers"),
    ],
)
def test_another_architecture(preset, changes, expected):
    change_json(preset / "config.json", **changes)
    with pytest.raises(CheckpointError, match=expected):
        read_checkpoint(preset)


def test_another_model_of_keras_hub(preset):
    path = preset / "config.json"
    path.write_text(path.read_text().replace("BertBackbone", "GemmaBackbone"))
    with pytest.raises(CheckpointError, match="Received: 'GemmaBackbone'"):
        read_checkpoint(preset)


def test_a_damaged_file(preset):
    path = preset / "model.weights.h5"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(WeightsError, match=r"5,000 bytes.*Download it again"):
        read_checkpoint(preset)


def test_values_in_another_file(preset, tmp_path):
    name = "layers/dense/vars/0"
    (tmp_path / "secret").write_bytes(bytes(12 * 12 * 4))
    with h5py.File(preset / "model.weights.h5", "r+") as file:
        del file[name]
        file.create_dataset(
            name,
            (12, 12),
            "float32",
            external=[(str(tmp_path / "secret"), 0, 576)],
        )
    with pytest.raises(WeightsError, match="in the file itself"):
        read_checkpoint(preset)


def test_a_shape_without_values(preset):
    name = "layers/reversible_embedding/vars/0"
    with h5py.File(preset / "model.weights.h5", "r+") as file:
        del file[name]
        file.create_dataset(name, (1 << 40, 12), "float32", chunks=(64, 12))
    with pytest.raises(WeightsError, match="Received: 0 bytes"):
        read_checkpoint(preset)


def test_links_are_not_followed(preset):
    name = "layers/dense/vars/0"
    with h5py.File(preset / "model.weights.h5", "r+") as file:
        del file[name]
        file[name] = h5py.ExternalLink("task.weights.h5", name)
    with pytest.raises(ValueError, match="pooler/kernel"):
        load_encoder(preset)


def test_a_shard_that_is_missing(preset):
    (preset / "model.weights.h5").unlink()
    (preset / "model.weights.json").write_text("{}")
    with pytest.raises(CheckpointError, match=r"Expected model.weights.h5 in"):
        read_checkpoint(preset)
