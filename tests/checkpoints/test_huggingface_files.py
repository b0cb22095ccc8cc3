import pytest

from bert_keras.checkpoints import CheckpointError
from bert_keras.checkpoints.readers.huggingface_files import find_files


def test_a_hugging_face_folder(folder):
    checkpoint = find_files(folder)
    assert checkpoint.format == "huggingface"
    assert checkpoint.weights_path == folder / "model.safetensors"
    assert checkpoint.vocabulary_path == folder / "vocab.txt"
    assert checkpoint.sentence is None


def test_a_file_names_the_weights_or_its_folder(folder):
    other = (folder / "model.safetensors").rename(folder / "half.safetensors")
    assert find_files(other).weights_path == other
    with pytest.raises(CheckpointError, match=r"e.g. .*half.safetensors"):
        find_files(folder / "vocab.txt")


def test_sentence_transformers_in_a_folder_of_its_own(folder, write_json):
    inside = folder / "0_Transformer"
    inside.mkdir()
    for name in ("config.json", "model.safetensors", "vocab.txt"):
        (folder / name).rename(inside / name)
    write_json(
        folder / "modules.json",
        [
            {"type": "x.models.Transformer", "path": "0_Transformer"},
            {"type": "x.models.Pooling", "path": "1_Pooling"},
            {"type": "x.models.Normalize", "path": "2_Normalize"},
        ],
    )
    write_json(
        folder / "1_Pooling" / "config.json",
        {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
    )
    write_json(inside / "sentence_bert_config.json", {"max_seq_length": 20})
    checkpoint = find_files(folder)
    assert checkpoint.format == "sentence-transformers"
    assert checkpoint.folder == inside
    assert checkpoint.sentence.to_dict() == {
        "pooling": "cls+mean",
        "normalize": True,
        "max_length": 20,
        "lower_first": False,
        "activation": "",
        "steps": ["Transformer", "Pooling", "Normalize"],
    }


def test_the_word_of_later_sentence_transformers(folder, write_json):
    write_json(
        folder / "modules.json",
        [
            {"type": "a.b.Transformer", "path": ""},
            {"type": "a.b.Pooling", "path": "1_Pooling"},
        ],
    )
    path = folder / "1_Pooling" / "config.json"
    write_json(path, {"pooling_mode": "mean"})
    assert find_files(folder).sentence.pooling == "mean"
    write_json(path, {"word_embedding_dimension": 8})
    with pytest.raises(ValueError, match="Received: word_embedding_dimension"):
        find_files(folder)


@pytest.mark.parametrize("kind", ["roberta", "distilbert", "albert", "t5"])
def test_another_architecture(folder, config, write_json, kind):
    write_json(folder / "config.json", config | {"model_type": kind})
    with pytest.raises(CheckpointError) as error:
        find_files(folder)
    assert str(error.value) == (
        f"{folder}/config.json: Expected model_type 'bert'. Received: "
        f"'{kind}'. Only BERT's own architecture is supported; weights of "
        "another one mean something else even if their shapes agree."
    )


def test_missing_files_are_named(folder):
    (folder / "model.safetensors").rename(folder / "tf_model.h5")
    with pytest.raises(CheckpointError) as error:
        find_files(folder)
    assert str(error.value) == (
        f"Expected model.safetensors in {folder}. It holds: config.json, "
        "tf_model.h5, tokenizer_config.json, vocab.txt. tf_model.h5 is an "
        "HDF5 file of TensorFlow."
    )


def test_a_folder_above_the_model(folder):
    inside = folder / "model"
    inside.mkdir()
    (folder / "config.json").rename(inside / "config.json")
    with pytest.raises(CheckpointError, match=rf"Try {inside}\.$"):
        find_files(folder)


def test_an_empty_folder_and_broken_json(tmp_path):
    with pytest.raises(CheckpointError, match="It holds: nothing"):
        find_files(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"config.json: Expected JSON\."):
        find_files(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(ValueError, match=r"Expected a JSON object\."):
        find_files(tmp_path)
