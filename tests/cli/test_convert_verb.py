"""`bert-keras convert`."""

import json


def test_convert(bert_keras, tiny_checkpoint, tmp_path):
    folder = tmp_path / "to"
    arguments = ("convert", tiny_checkpoint, folder, "--format", "huggingface")
    ended = bert_keras(*arguments)
    assert (ended.code, ended.out) == (0, f"{folder}\n")
    again = bert_keras(*arguments)
    assert (again.code, again.out) == (2, "")
    assert "which is not empty" in again.err


def test_convert_in_json(bert_keras, tiny_checkpoint, tmp_path):
    folder = tmp_path / "to"
    ended = bert_keras(
        *("convert", tiny_checkpoint, folder),
        *("--format", "huggingface", "--json"),
    )
    said = json.loads(ended.out)
    assert said["folder"] == str(folder)
    assert said["format"] == "huggingface"
    assert said["architecture"]["hidden_size"] == 20
