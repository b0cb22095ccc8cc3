"""Converting: checked before, compared after, all or nothing."""

import dataclasses
import errno
import json
import logging

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from small_contents import CONFIG, HEADS, small_contents, tensors
from tiny_task import write_checkpoint

import bert_keras as bk
from bert_keras.checkpoints import CheckpointError, RestoreError, WeightsError
from bert_keras.export import ConversionError
from bert_keras.export import convert as convert_function
from bert_keras.export.same_contents import check_same

module = __import__("sys").modules[convert_function.__module__]


@pytest.fixture
def checkpoint(tmp_path):
    return write_checkpoint(tmp_path / "from")


def test_weights_and_names_are_those_of_the_source(checkpoint, tmp_path):
    folder = bk.convert(checkpoint, tmp_path / "to", format="huggingface")
    assert folder == tmp_path / "to"
    theirs = load_file(checkpoint / "model.safetensors")
    ours = load_file(folder / "model.safetensors")
    assert ours.keys() == theirs.keys()
    for name, values in theirs.items():
        np.testing.assert_array_equal(ours[name], values, err_msg=name)
    vocabulary = (checkpoint / "vocab.txt").read_bytes()
    assert (folder / "vocab.txt").read_bytes() == vocabulary
    assert sorted(path.name for path in tmp_path.iterdir()) == ["from", "to"]


def test_a_target_must_be_new_or_empty(checkpoint, tmp_path):
    folder = tmp_path / "to"
    folder.mkdir()
    bk.convert(checkpoint, folder, format="huggingface")
    before = sorted(folder.iterdir())
    with pytest.raises(ValueError, match="which is not empty"):
        bk.convert(checkpoint, folder, format="huggingface")
    assert sorted(folder.iterdir()) == before
    with pytest.raises(ValueError, match="which is not empty"):
        bk.convert(checkpoint, folder / "vocab.txt", format="huggingface")


def test_unknown_formats_are_listed(checkpoint, tmp_path):
    with pytest.raises(ValueError, match=r"huggingface.*Received: 'onnx'"):
        bk.convert(checkpoint, tmp_path / "to", format="onnx")


def test_a_failure_leaves_nothing(checkpoint, tmp_path, monkeypatch):
    def full(contents, folder):
        (folder / "half").write_text("a")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(module.FORMATS, "full", module.Format(full))
    folder = tmp_path / "new" / "deep" / "to"
    with pytest.raises(OSError, match="No space left") as raised:
        bk.convert(checkpoint, folder, format="full")
    assert raised.value.filename == str(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["from"]


def test_a_writer_that_loses_something_is_found_out(
    checkpoint, tmp_path, monkeypatch
):
    def careless(contents, folder):
        values = dict(contents.tensors)
        values["pooler/bias"] = tensors({"pooler/bias": (20,)})["pooler/bias"]
        write = module.FORMATS["huggingface"].write
        write(dataclasses.replace(contents, tensors=values), folder)

    monkeypatch.setitem(module.FORMATS, "careless", module.Format(careless))
    with pytest.raises(ConversionError, match="Differing: pooler/bias"):
        bk.convert(checkpoint, tmp_path / "to", format="careless")
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"config": dataclasses.replace(CONFIG, layer_norm_eps=1e-5)},
        {"vocabulary": ("[PAD]",)},
        {"tokenizer": None},
        {"labels": ("a",)},
        {"problem_type": "regression"},
        {"pooling": "mean"},
        {"heads": {"span": tensors(HEADS["span"])}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_difference_is_seen(changes):
    contents = small_contents("token_classifier")
    check_same(contents, contents)
    with pytest.raises(ConversionError):
        check_same(contents, dataclasses.replace(contents, **changes))


def test_signs_of_zero_count():
    contents = small_contents()
    name = "block_0/attention/query/bias"
    zeros = {**contents.tensors, name: np.float32([0.0] * 8)}
    minus = {**contents.tensors, name: np.float32([-0.0] * 8)}
    with pytest.raises(ConversionError, match=name):
        check_same(
            dataclasses.replace(contents, tensors=zeros),
            dataclasses.replace(contents, tensors=minus),
        )


def change_weights(checkpoint, changes):
    path = checkpoint / "model.safetensors"
    weights = load_file(path) | changes
    save_file({k: v for k, v in weights.items() if v is not None}, path)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"pooler.dense.bias": np.float32([np.nan] * 20)},
            WeightsError,
            "Expected finite numbers",
        ),
        ({"pooler.dense.bias": None}, RestoreError, "pooler/bias: not in"),
        ({"adapter": np.zeros(3, "float32")}, RestoreError, "adapter: unknown"),
        (
            {"pooler.dense.bias": np.zeros(3, "float32")},
            RestoreError,
            r"expected \(20,\), received \(3,\)",
        ),
    ],
)
def test_weights_that_would_not_load(
    checkpoint, tmp_path, changes, error, message
):
    change_weights(checkpoint, changes)
    with pytest.raises(error, match=message):
        bk.convert(checkpoint, tmp_path / "to", format="huggingface")
    assert not (tmp_path / "to").exists()


def test_a_checkpoint_without_pooler_stays_one(checkpoint, tmp_path):
    change_weights(
        checkpoint, {"pooler.dense.bias": None, "pooler.dense.weight": None}
    )
    folder = bk.convert(checkpoint, tmp_path / "to", format="huggingface")
    assert "pooler.dense.bias" not in load_file(folder / "model.safetensors")


def test_heads_are_left_out_only_when_asked(
    checkpoint, tmp_path, monkeypatch, caplog
):
    change_weights(
        checkpoint,
        {
            "classifier.weight": np.ones((2, 20), "float32"),
            "classifier.bias": np.ones(2, "float32"),
        },
    )
    headless = module.Format(module.FORMATS["huggingface"].write)
    monkeypatch.setitem(module.FORMATS, "headless", headless)
    with pytest.raises(ConversionError, match=r"classifier.*--without-heads"):
        bk.convert(checkpoint, tmp_path / "to", format="headless")
    with caplog.at_level(logging.WARNING):
        folder = bk.convert(
            checkpoint, tmp_path / "to", format="headless", without_heads=True
        )
    assert "Not in the copy: sequence_classifier." in caplog.text
    config = json.loads((folder / "config.json").read_text())
    assert config["architectures"] == ["BertModel"]


def test_no_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match=r"config\.json"):
        bk.convert(tmp_path, tmp_path / "to", format="huggingface")
