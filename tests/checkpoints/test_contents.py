"""What a Hugging Face folder says besides the encoder's weights."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from bert_keras.checkpoints import WeightsError, read_checkpoint
from bert_keras.checkpoints.readers.torch_file import list_torch


def rewrite(folder, tensors, config=None, **changes):
    save_file(tensors, folder / "model.safetensors")
    if config is not None:
        text = json.dumps(config | changes)
        (folder / "config.json").write_text(text)


def test_a_classifier_has_its_head_and_its_labels(folder, theirs, config):
    kernel = np.arange(24, dtype="float32").reshape(3, 8)
    head = {
        "classifier.weight": kernel,
        "classifier.bias": np.ones(3, "float32"),
    }
    names = {"0": "no", "1": "yes", "2": "maybe"}
    rewrite(
        folder,
        theirs | head,
        config,
        architectures=["BertForSequenceClassification"],
        id2label=names,
    )
    contents = read_checkpoint(folder)
    assert contents.labels == ("no", "yes", "maybe")
    assert set(contents.heads) == {"sequence_classifier"}
    dense = contents.heads["sequence_classifier"]["dense/kernel"]
    np.testing.assert_array_equal(np.asarray(dense), kernel.T)
    rewrite(
        folder,
        theirs | head,
        config,
        architectures=["BertForTokenClassification"],
    )
    assert set(read_checkpoint(folder).heads) == {"token_classifier"}


def test_a_tied_decoder_is_the_word_table(folder, theirs, config):
    table = theirs["embeddings.word_embeddings.weight"]
    head = {
        "cls.predictions.bias": np.zeros(30, "float32"),
        "cls.predictions.decoder.weight": table,
        "cls.predictions.decoder.bias": np.ones(30, "float32"),
    }
    rewrite(folder, theirs | head, config)
    tied = read_checkpoint(folder).heads["masked_lm"]
    assert set(tied) == {"bias"}
    assert not np.asarray(tied["bias"]).any()
    rewrite(folder, theirs | head, config, tie_word_embeddings=False)
    untied = read_checkpoint(folder).heads["masked_lm"]
    assert untied["kernel"].shape == (8, 30)
    # transformers adds the decoder's then, and does not read the other.
    assert np.asarray(untied["bias"]).all()


def split(folder, theirs):
    """Writes the weights into two files and an index."""
    names = sorted(theirs)
    parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for file, part in parts.items():
        save_file({name: theirs[name] for name in part}, folder / file)
    places = {name: file for file, part in parts.items() for name in part}
    (folder / "model.safetensors").unlink()
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    return index


def test_weights_in_several_files(folder, theirs):
    whole = {
        name: np.asarray(tensor)
        for name, tensor in read_checkpoint(folder).tensors.items()
    }
    split(folder, theirs)
    contents = read_checkpoint(folder)
    assert [path.name for path in contents.weights] == [
        "a.safetensors",
        "b.safetensors",
    ]
    assert contents.tensors.keys() == whole.keys()
    for name, tensor in whole.items():
        np.testing.assert_array_equal(contents.tensors[name], tensor)


def test_an_index_that_lies(folder, theirs):
    index = split(folder, theirs)
    places = json.loads(index.read_text())["weight_map"]
    index.write_text(json.dumps({"weight_map": dict(list(places.items())[1:])}))
    with pytest.raises(WeightsError, match="of different models"):
        read_checkpoint(folder)
    (folder / "b.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"Missing: b\.safetensors"):
        read_checkpoint(folder)
    index.write_text(json.dumps({"weight_map": {"a": "../a.safetensors"}}))
    with pytest.raises(WeightsError, match="files beside it"):
        read_checkpoint(folder)


def test_a_pickle_without_pytorch(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(WeightsError, match=r"'bert-keras\[torch\]'"):
        list_torch(tmp_path / "pytorch_model.bin")
