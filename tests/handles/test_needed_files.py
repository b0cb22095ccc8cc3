"""Which files of a repository are fetched."""

import pytest

from bert_keras.handles.huggingface_files import needed_files


@pytest.mark.parametrize(
    ("names", "inside", "chosen"),
    [
        (["config.json", "pytorch_model.bin", "x.py"], "", [0, 1]),
        (
            [
                "config.json",
                "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors",
                "model.safetensors.index.json",
                "pytorch_model.bin",
            ],
            "",
            [0, 1, 2, 3],
        ),
        (
            [
                "0_Transformer/config.json",
                "0_Transformer/pytorch_model.bin",
                "0_Transformer/vocab.txt",
                "1_Pooling/config.json",
                "modules.json",
                "onnx/config.json",
                "tf_model.h5",
            ],
            "",
            [0, 1, 2, 3, 4],
        ),
        (
            [
                "assets/tokenizer/vocabulary.txt",
                "config.json",
                "metadata.json",
                "model_00000.weights.h5",
                "notes.txt",
                "task.json",
                "task.weights.h5",
            ],
            "",
            [0, 1, 2, 3, 5, 6],
        ),
        (
            [
                "README.md",
                "bert_config.json",
                "bert_model.ckpt.data-00000-of-00001",
                "bert_model.ckpt.index",
                "bert_model.ckpt.meta",
                "vocab.txt",
            ],
            "",
            [1, 2, 3, 5],
        ),
        (["a/config.json", "b/config.json"], "a", [0]),
    ],
)
def test_which_files(names, inside, chosen):
    assert needed_files(names, inside) == [names[index] for index in chosen]
