"""Tiny checkpoints in Hugging Face layout, written by hand."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

PIECES = """[PAD] [UNK] [CLS] [SEP] [MASK] the a film is good bad play ##ing
##ed un ##able . , ! ? 1 2 ##1 ##2 caf ##e na ##ive 東 京""".split()

CONFIG = {
    "model_type": "bert",
    "vocab_size": 30,
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 32,
}


def _huggingface_shapes() -> dict[str, tuple[int, ...]]:
    """Names and shapes as Hugging Face writes them, linear layers [out, in]."""
    shapes = {
        "embeddings.word_embeddings.weight": (30, 8),
        "embeddings.position_embeddings.weight": (32, 8),
        "embeddings.token_type_embeddings.weight": (2, 8),
        "embeddings.LayerNorm.weight": (8,),
        "embeddings.LayerNorm.bias": (8,),
    }
    linear = {
        "attention.self.query": (8, 8),
        "attention.self.key": (8, 8),
        "attention.self.value": (8, 8),
        "attention.output.dense": (8, 8),
        "intermediate.dense": (16, 8),
        "output.dense": (8, 16),
    }
    for layer in ("encoder.layer.0.", "encoder.layer.1."):
        for name, (rows, columns) in linear.items():
            shapes[layer + name + ".weight"] = (rows, columns)
            shapes[layer + name + ".bias"] = (rows,)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[layer + name + ".weight"] = (8,)
            shapes[layer + name + ".bias"] = (8,)
    shapes["pooler.dense.weight"] = (8, 8)
    shapes["pooler.dense.bias"] = (8,)
    return shapes


def _write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def write_json():
    return _write_json


@pytest.fixture
def config():
    """What the tiny checkpoint's config.json holds."""
    return dict(CONFIG)


@pytest.fixture
def pieces():
    """The tiny checkpoint's vocabulary."""
    return list(PIECES)


@pytest.fixture
def theirs():
    """The tiny checkpoint's weights by Hugging Face's names."""
    random = np.random.default_rng(0)
    return {
        name: random.normal(0, 0.5, shape).astype("float32")
        for name, shape in _huggingface_shapes().items()
    }


@pytest.fixture
def folder(tmp_path, theirs):
    """A complete checkpoint: 30 pieces, 2 layers, width 8."""
    _write_json(tmp_path / "config.json", CONFIG)
    _write_json(tmp_path / "tokenizer_config.json", {"do_lower_case": True})
    (tmp_path / "vocab.txt").write_text(
        "\n".join(PIECES) + "\n", encoding="utf-8"
    )
    save_file(theirs, tmp_path / "model.safetensors")
    return tmp_path
