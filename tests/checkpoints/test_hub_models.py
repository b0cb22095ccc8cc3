"""SavedModels of the TF Hub text API, as the Model Garden exports them."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from golden_archives import check_outputs, unpack
from safetensors.numpy import load_file

from bert_keras.checkpoints import (
    CheckpointError,
    WeightsError,
    describe,
    load_encoder,
    load_preprocessor,
    read_checkpoint,
)
from bert_keras.encoders import BertEncoder, SavedModelEncoder


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return unpack("hub", tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def preprocessor_folder(tmp_path_factory):
    return unpack("preprocessor", tmp_path_factory.mktemp("golden"))


def test_an_encoder_becomes_the_native_one(hub, monkeypatch):
    # Its graph is parsed and never run.
    monkeypatch.setattr(tf.saved_model, "load", None)
    encoder = load_encoder(hub)
    assert type(encoder) is BertEncoder
    check_outputs(encoder, hub)
    contents = read_checkpoint(hub)
    assert contents.notes == (
        "hidden_act=gelu, from the graph.",
        "layer_norm_eps=1e-06, from the graph.",
    )
    assert contents.config.layer_norm_eps == 1e-6
    assert contents.config.type_vocab_size == 1
    assert sorted(contents.heads["masked_lm"]) == [
        "bias",
        "dense/bias",
        "dense/kernel",
        "norm/beta",
        "norm/gamma",
    ]


def test_vocabulary_and_casing_are_inside(hub):
    contents = read_checkpoint(hub)
    assert contents.tokenizer.do_lower_case is False
    preprocessor = load_preprocessor(hub)
    # The encoder's positions are the longest rows.
    assert preprocessor.max_length == 16
    ids = preprocessor.tokenize(["A Good film"]).to_list()
    assert [contents.vocabulary[i] for i in ids[0]] == ["A", "Good", "film"]
    found = describe(hub)
    assert found["vocabulary"] == 31 and found["architecture"]["vocab_size"]


def test_a_preprocessor_alone(preprocessor_folder):
    preprocessor = load_preprocessor(
        preprocessor_folder, max_length=16, padding="fixed"
    )
    assert preprocessor.config.do_lower_case is False
    expected = load_file(preprocessor_folder / "outputs.safetensors")
    received = preprocessor(
        ["A Good film!", "", "playing café", "Unable? unable 12."]
    )
    for name, values in expected.items():
        np.testing.assert_array_equal(received[name], values)
    with pytest.raises(CheckpointError, match="Received a preprocessor"):
        load_encoder(preprocessor_folder)
    assert describe(preprocessor_folder)["architecture"] is None


def test_damage(hub, tmp_path):
    folder = shutil.copytree(hub, tmp_path / "hub")
    data = folder / "variables" / "variables.data-00000-of-00001"
    whole = data.read_bytes()
    data.write_bytes(whole[:1000])
    with pytest.raises(WeightsError, match="A file is truncated"):
        load_encoder(folder)
    data.unlink()
    with pytest.raises(WeightsError, match="Missing: variables"):
        load_encoder(folder)
    data.write_bytes(whole)
    (folder / "assets" / "vocab.txt").unlink()
    with pytest.raises(WeightsError, match=r"the file assets/vocab\.txt"):
        load_encoder(folder)
    (folder / "saved_model.pb").write_bytes(b"<html>")
    with pytest.raises(ValueError, match="Received a damaged file"):
        load_encoder(folder)


def test_neither_encoder_nor_preprocessor(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "empty"))
    with pytest.raises(CheckpointError, match="Received: one with neither"):
        load_encoder(tmp_path / "empty")


def test_a_module_of_tf1(tmp_path):
    for name in ("tfhub_module.pb", "saved_model.pb"):
        (tmp_path / name).write_bytes(b"\x08\x03")
    with pytest.raises(CheckpointError, match="Received a TF1 Hub module"):
        load_encoder(tmp_path)


def test_an_encoder_that_is_not_berts_own(tmp_path):
    folder = unpack("albert", tmp_path)
    encoder = load_encoder(folder)
    assert type(encoder) is SavedModelEncoder
    check_outputs(encoder, folder)
    assert len(encoder.trainable_variables) == 25
    assert encoder.count_params() == describe(folder)["parameters"]
    # Rows are as long as its table of positions, under whatever name.
    assert load_preprocessor(folder).max_length == 16
    with pytest.raises(ValueError, match="at most 16"):
        load_preprocessor(folder, max_length=17)
