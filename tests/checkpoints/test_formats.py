"""A format is told by the files of a folder."""

import pytest

from bert_keras.checkpoints import CheckpointError, read_checkpoint
from bert_keras.checkpoints.formats import find_format

OBJECTS = b"\x00\x08_CHECKPOINTABLE_OBJECT_GRAPH\x08"


def fill(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(OBJECTS if "objects" in name else b"")
    return folder


@pytest.mark.parametrize(
    "expected, files",
    [
        ("bert_keras", ["task.json", "model.safetensors", "vocab.txt"]),
        ("bert_keras-encoder", ["encoder.json", "model.safetensors"]),
        ("bert_keras-export", ["bert_keras.json", "saved_model.pb"]),
        ("sentence-transformers", ["modules.json", "config.json", "a.bin"]),
        ("keras-hub", ["config.json", "model.weights.h5", "task.json"]),
        ("huggingface", ["config.json", "model.safetensors"]),
        ("huggingface", ["config.json", "model.safetensors.index.json"]),
        ("huggingface", ["config.json", "a.bin", "saved_model.pb"]),
        ("bert_keras-hub", ["saved_model.pb", "assets.extra/bert_config.json"]),
        ("bert_keras-hub", ["saved_model.pb", "assets.extra/a_config.json"]),
        ("bert_keras-hub", ["encoder/assets.extra/bert_config.json"]),
        ("hub", ["saved_model.pb", "variables/variables.index"]),
        ("hub-tf1", ["tfhub_module.pb", "saved_model.pb"]),
        ("tf1", ["bert_config.json", "bert_model.ckpt.index", "vocab.txt"]),
        ("garden", ["bert_config.json", "objects.ckpt-1.index"]),
        ("garden", ["objects-3.index", "checkpoint"]),
        ("tf1", ["model.ckpt-3.index", "checkpoint"]),
    ],
)
def test_the_files_tell_the_format(tmp_path, expected, files):
    assert find_format(fill(tmp_path, *files)) == expected


def test_a_file_stands_for_its_folder(tmp_path):
    fill(tmp_path, "config.json", "a.safetensors", "objects.index")
    assert find_format(tmp_path / "a.safetensors") == "huggingface"
    assert find_format(tmp_path / "objects.index") == "garden"


def test_an_unknown_folder(tmp_path):
    fill(tmp_path, "weights.npz", "inside/saved_model.pb")
    with pytest.raises(CheckpointError) as error:
        read_checkpoint(tmp_path)
    assert str(error.value) == (
        f"Expected a checkpoint in {tmp_path}. A format is recognised by its "
        "files: task.json and model.safetensors (bert_keras); encoder.json "
        "and model.safetensors (bert_keras-encoder); bert_keras.json "
        "and saved_model.pb (bert_keras-export); modules.json "
        "(sentence-transformers); config.json and model.weights.* "
        "(keras-hub); config.json and *.safetensors* (huggingface); "
        "saved_model.pb and assets.extra/*_config.json (bert_keras-hub); "
        "tfhub_module.pb (hub-tf1); saved_model.pb (hub); bert_config.json "
        "and *.index (tf1); *.index (garden). It holds: inside/, weights.npz. "
        f"Try {tmp_path / 'inside'}."
    )
