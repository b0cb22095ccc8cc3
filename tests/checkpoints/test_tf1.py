"""Folders of google-research/bert."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tf1_files import random_weights, save_tf1, tf1_weights

from bert_keras.checkpoints import (
    CheckpointError,
    RestoreError,
    WeightsError,
    describe,
    load_encoder,
    load_preprocessor,
    read_checkpoint,
)
from bert_keras.checkpoints.name_maps import rename
from bert_keras.checkpoints.name_maps.tf1 import TF1

HEADS = {
    "cls/predictions/transform/dense/kernel": (8, 8),
    "cls/predictions/transform/dense/bias": (8,),
    "cls/predictions/transform/LayerNorm/gamma": (8,),
    "cls/predictions/transform/LayerNorm/beta": (8,),
    "cls/predictions/output_bias": (30,),
    "cls/seq_relationship/output_weights": (2, 8),
    "cls/seq_relationship/output_bias": (2,),
    "cls/squad/output_weights": (2, 8),
    "cls/squad/output_bias": (2,),
    "output_weights": (3, 8),
    "output_bias": (3,),
}
OPTIMIZER = {
    "global_step": np.int64(7),
    "bert/pooler/dense/kernel/adam_m": np.zeros((8, 8), "float32"),
    "bert/pooler/dense/kernel/adam_v": np.zeros((8, 8), "float32"),
    "output_bias/adam_m": np.zeros(3, "float32"),
}


@pytest.fixture(scope="module")
def small():
    return {
        "vocab_size": 30,
        "hidden_size": 8,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 32,
        "directionality": "bidi",
        "pooler_type": "first_token_transform",
    }


@pytest.fixture
def written(tmp_path, theirs, small, pieces):
    """A checkpoint of a training, with every head there is."""
    weights = tf1_weights(theirs) | random_weights(HEADS) | OPTIMIZER
    save_tf1(tmp_path / "model", weights, small, pieces)
    return tmp_path / "model", weights


def test_a_golden_encoder_computes_as_before(read_golden, tmp_path):
    golden = read_golden(
        Path(__file__).parents[1] / "golden" / "encoders" / "gelu_new"
    )
    values = json.loads((golden.folder / "config.json").read_text())
    assert values.pop("hidden_act") == "gelu_new"
    config = {k: v for k, v in values.items() if k != "pad_token_id"}
    theirs = load_file(golden.folder / "model.safetensors")
    folder = save_tf1(
        tmp_path / "model", tf1_weights(theirs), config | {"hidden_act": "gelu"}
    )
    encoder = load_encoder(folder)
    # google-research's "gelu" is the tanh approximation.
    assert encoder.config.hidden_act == "gelu_new"
    encoded = encoder(golden.inputs)
    real = golden.real
    for name, where in (("sequence_output", real), ("pooled_output", ...)):
        np.testing.assert_allclose(
            encoded[name].numpy()[where], golden.outputs[name][where], atol=1e-5
        )


def test_heads_and_what_is_no_weight(written):
    folder, weights = written
    contents = read_checkpoint(folder)
    assert contents.format == "tf1"
    assert contents.unknown == {}
    assert {head: sorted(t) for head, t in contents.heads.items()} == {
        "masked_lm": [
            "bias",
            "dense/bias",
            "dense/kernel",
            "norm/beta",
            "norm/gamma",
        ],
        "next_sentence": ["dense/bias", "dense/kernel"],
        "sequence_classifier": ["dense/bias", "dense/kernel"],
        "span": ["dense/bias", "dense/kernel"],
    }
    for name, stored in (
        ("masked_lm", "cls/predictions/transform/dense/kernel"),
        ("next_sentence", "cls/seq_relationship/output_weights"),
        ("span", "cls/squad/output_weights"),
        ("sequence_classifier", "output_weights"),
    ):
        expected = weights[stored]
        expected = expected.T if stored.endswith("weights") else expected
        received = np.asarray(contents.heads[name]["dense/kernel"])
        np.testing.assert_array_equal(received, expected)
    assert describe(folder)["vocabulary"] == 30


@pytest.mark.parametrize(
    "name, lower, why",
    [
        ("uncased_L-2_H-8", True, "the folder's name uncased_L-2_H-8"),
        ("multi_cased_L-2", False, "the folder's name multi_cased_L-2"),
        ("chinese_L-2_H-8", True, "the folder's name chinese_L-2_H-8"),
        ("mine", True, "the vocabulary, which has no capitals"),
        ("mine", False, "the vocabulary, which has capitals"),
    ],
)
def test_casing_is_inferred_and_said(written, pieces, name, lower, why):
    folder = written[0].rename(written[0].parent / name)
    if not lower:
        text = "\n".join([*pieces[:-1], "Film"]) + "\n"
        (folder / "vocab.txt").write_text(text, encoding="utf-8")
    contents = read_checkpoint(folder)
    assert contents.notes == (f"do_lower_case={lower}, from {why}.",)
    assert contents.tokenizer.do_lower_case is lower
    assert load_preprocessor(folder).config.max_word_length == 200
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    contents = read_checkpoint(folder)
    assert not contents.tokenizer.do_lower_case
    assert contents.notes == ()


def test_a_file_names_one_of_several(written, tmp_path):
    folder, _ = written
    for end in ("index", "data-00000-of-00001"):
        path = folder / f"bert_model.ckpt.{end}"
        os.link(path, folder / f"other.ckpt.{end}")
    with pytest.raises(CheckpointError, match=r"Give the file NAME\.index"):
        read_checkpoint(folder)
    contents = read_checkpoint(folder / "other.ckpt.index")
    assert contents.weights[0].name == "other.ckpt.index"
    (folder / "checkpoint").write_text(
        'model_checkpoint_path: "/somewhere/else/bert_model.ckpt"\n'
    )
    assert read_checkpoint(folder).weights[0].name == "bert_model.ckpt.index"


def test_damage_is_said_and_nothing_loaded(written, small):
    folder, _ = written
    data = folder / "bert_model.ckpt.data-00000-of-00001"
    whole = data.read_bytes()
    data.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match="A file is truncated"):
        load_encoder(folder)
    # One bit of a weight: every value has its checksum.
    data.write_bytes(whole[:2] + bytes([whole[2] ^ 1]) + whole[3:])
    with pytest.raises(WeightsError, match="complete TensorFlow checkpoint"):
        for tensor in read_checkpoint(folder).tensors.values():
            np.asarray(tensor)
    data.write_bytes(whole)
    os.rename(data, folder / "bert_model.ckpt.data-00000-of-00002")
    with pytest.raises(WeightsError, match=r"Missing: .*00001-of-00002"):
        load_encoder(folder)
    data.write_bytes(whole)
    (folder / "bert_model.ckpt.data-00000-of-00002").unlink()
    config = folder / "bert_config.json"
    config.write_text(json.dumps(small | {"intermediate_size": 24}))
    with pytest.raises(RestoreError, match="6 of another shape"):
        load_encoder(folder)
    config.unlink()
    with pytest.raises(CheckpointError, match=r"Expected bert_config\.json"):
        read_checkpoint(folder / "bert_model.ckpt.index")
    (folder / "bert_model.ckpt.index").write_bytes(b"no index")
    config.write_text(json.dumps(small))
    with pytest.raises(WeightsError, match="Received a damaged one"):
        load_encoder(folder)


def test_weights_of_another_model_or_not_a_number(tmp_path, theirs, small):
    weights = tf1_weights(theirs)
    weights["bert/pooler/dense/bias"][2] = np.nan
    folder = save_tf1(tmp_path / "nan", weights, small)
    with pytest.raises(RestoreError, match=r"\n  pooler/bias$"):
        load_encoder(folder)
    gpt = {"model/wte": np.zeros((3, 2), "float32")}
    folder = save_tf1(tmp_path / "gpt", gpt, small)
    with pytest.raises(CheckpointError, match="Received: model/wte"):
        load_encoder(folder)


@pytest.mark.data
def test_every_name_of_a_published_checkpoint(data):
    import tensorflow as tf

    folder = data / "tf1_checkpoint_index" / "chinese_L-12_H-768_A-12"
    from bert_keras.checkpoints.readers.tensorflow_config import (
        read_bert_config,
    )
    from bert_keras.encoders import BertEncoder

    config = read_bert_config(folder / "bert_config.json")
    reader = tf.train.load_checkpoint(str(folder / "bert_model.ckpt"))
    shapes = reader.get_variable_to_shape_map()
    rows = {name: rename(name, TF1) for name in shapes}
    assert None not in rows.values()
    received = {
        row.name: tuple(row.axes.shape(shapes[name]))
        for name, row in rows.items()
        if not row.head
    }
    encoder = BertEncoder(config)
    assert received == {
        name: tuple(variable.shape)
        for name, variable in encoder.named_variables.items()
    }
    heads = {(row.head, row.name) for row in rows.values() if row.head}
    assert len(heads) == 7 and len(shapes) == 199 + 7
