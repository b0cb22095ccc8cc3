"""TF2 checkpoints of the Model Garden."""

import json

import numpy as np
import pytest
import tensorflow as tf
from golden_archives import check_outputs, unpack

from bert_keras.checkpoints import (
    CheckpointError,
    RestoreError,
    WeightsError,
    load_encoder,
    read_checkpoint,
)


@pytest.fixture
def garden(tmp_path):
    """A pretrainer with its optimizer, as the Garden wrote it."""
    return unpack("garden", tmp_path)


def configure(folder, name="bert_config.json", **values):
    (folder / name).write_text(json.dumps(values))


def test_a_pretrainer_of_the_garden(garden):
    encoder = load_encoder(garden)
    check_outputs(encoder, garden)
    assert encoder.config.type_vocab_size == 16
    assert encoder.config.num_attention_heads == 3
    contents = read_checkpoint(garden)
    assert contents.format == "garden"
    assert contents.unknown == {}
    assert contents.notes == tuple(
        f"{name}, the Model Garden's default: no configuration beside the "
        "checkpoint sets it."
        for name in ("hidden_act=gelu_new", "layer_norm_eps=1e-12")
    )
    heads = {name: sorted(found) for name, found in contents.heads.items()}
    assert heads == {
        "masked_lm": [
            "bias",
            "dense/bias",
            "dense/kernel",
            "norm/beta",
            "norm/gamma",
        ],
        "next_sentence": [
            "dense/bias",
            "dense/kernel",
            "pooler/bias",
            "pooler/kernel",
        ],
    }


@pytest.mark.parametrize(
    "name, values",
    [
        ("bert_config.json", {"hidden_act": "relu", "num_hidden_layers": 2}),
        ("encoder_config.json", {"hidden_activation": "relu", "num_layers": 2}),
        (
            "params.json",
            {
                "task": {
                    "model": {
                        "encoder": {
                            "type": "bert",
                            "bert": {"hidden_activation": "relu"},
                        }
                    }
                }
            },
        ),
    ],
)
def test_a_configuration_beside_it_is_followed(garden, name, values):
    configure(garden, name, **values)
    contents = read_checkpoint(garden)
    assert contents.config.hidden_act == "relu"
    assert len(contents.notes) == 1


def test_yaml_of_a_training(garden):
    pytest.importorskip("yaml")
    (garden / "params.yaml").write_text(
        "task:\n  model:\n    encoder:\n      bert: {hidden_activation: relu}\n"
    )
    assert read_checkpoint(garden).config.hidden_act == "relu"


def test_a_configuration_of_another_model(garden):
    configure(garden, num_layers=3)
    with pytest.raises(CheckpointError, match="num_hidden_layers: 3 in the"):
        read_checkpoint(garden)
    configure(garden, encoder={"type": "albert", "albert": {}})
    with pytest.raises(CheckpointError, match="Received: 'albert'"):
        read_checkpoint(garden)
    configure(garden, norm_first=True)
    with pytest.raises(CheckpointError, match="norm_first=True"):
        read_checkpoint(garden)


def test_approximate_gelu_is_the_gardens(garden):
    for values, expected in (
        ({}, "gelu_new"),
        ({"approx_gelu": False}, "gelu"),
    ):
        configure(garden, hidden_activation="gelu", **values)
        assert read_checkpoint(garden).config.hidden_act == expected


def test_the_vocabulary_beside_it(garden, pieces):
    (garden / "vocab.txt").write_text("\n".join(pieces) + "\n")
    contents = read_checkpoint(garden)
    assert len(contents.vocabulary) == 30
    assert contents.notes[-1].startswith("do_lower_case=True, from the vocab")


def test_damage(garden):
    data = garden / "ckpt-1.data-00000-of-00001"
    whole = data.read_bytes()
    data.write_bytes(whole[:-100])
    with pytest.raises(WeightsError, match="Received a damaged one"):
        load_encoder(garden)
    data.write_bytes(whole[:1000])
    with pytest.raises(WeightsError, match="A file is truncated"):
        load_encoder(garden)
    data.unlink()
    with pytest.raises(WeightsError, match="Missing: ckpt-1"):
        load_encoder(garden)


def save(folder, **named):
    """Writes a checkpoint of variables by their own names."""
    module = tf.Module()
    module.kept = [
        tf.Variable(values, name=name.replace("__", "/"))
        for name, values in named.items()
    ]
    tf.train.Checkpoint(model=module).write(str(folder / "model"))
    return folder


def test_checkpoints_of_other_models(tmp_path):
    save(tmp_path, dense__kernel=np.zeros((2, 2), "float32"))
    with pytest.raises(CheckpointError, match="encoder of the Model Garden"):
        load_encoder(tmp_path)


def test_what_does_not_fit_is_listed(garden, tmp_path):
    weights = {
        tensor.name.replace("/", "__"): np.asarray(tensor).reshape(
            tensor.stored_shape
        )
        for tensor in read_checkpoint(garden).tensors.values()
    }
    name = next(name for name in weights if name.endswith("0__output__bias"))
    other = tmp_path / "other"
    other.mkdir()
    weights[name] = np.full(12, np.nan, "float32")
    save(other, **weights)
    with pytest.raises(RestoreError, match=r"\n  block_0/feed_forward/outer/b"):
        load_encoder(other)
    weights[name] = np.zeros(13, "float32")
    weights["embedding_projection__kernel"] = np.zeros((2, 2), "float32")
    save(other, **weights)
    with pytest.raises(RestoreError) as error:
        load_encoder(other)
    assert "1 of another shape" in str(error.value)
    assert "embedding_projection/kernel" in str(error.value)
