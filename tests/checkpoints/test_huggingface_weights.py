import json
import struct

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from bert_keras.checkpoints import WeightsError
from bert_keras.checkpoints.readers.huggingface import read_weights

QUERY = "encoder.layer.1.attention.self.query.weight"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def test_names_are_ours_and_kernels_are_transposed(path, theirs):
    save_file(theirs, path)
    ours = read_weights(path).encoder
    assert len(ours) == len(theirs)
    assert ours["block_1/feed_forward/inner/kernel"].shape == (8, 16)
    np.testing.assert_array_equal(
        ours["block_1/attention/query/kernel"], theirs[QUERY].T
    )
    np.testing.assert_array_equal(
        ours["embeddings/word/embeddings"],
        theirs["embeddings.word_embeddings.weight"],
    )


def test_prefix_and_old_names(path, theirs):
    old = {
        "bert."
        + name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): values
        for name, values in theirs.items()
    }
    save_file(old, path)
    weights = read_weights(path)
    assert weights.unknown == {}
    assert "block_0/attention_norm/gamma" in weights.encoder


def test_heads_buffers_and_unknown_names(path):
    one = np.ones(1, "float32")
    names = [
        "cls.predictions.bias",
        "cls.predictions.transform.dense.weight",
        "cls.seq_relationship.bias",
        "classifier.weight",
        "qa_outputs.bias",
        "bert.embeddings.position_ids",
        "something.else",
    ]
    save_file({name: one for name in names}, path)
    weights = read_weights(path)
    received = {head: set(found) for head, found in weights.heads.items()}
    assert received == {
        "masked_lm": {"bias", "dense/kernel"},
        "next_sentence": {"dense/bias"},
        "classifier": {"dense/kernel"},
        "span": {"dense/bias"},
    }
    assert list(weights.unknown) == ["something.else"]
    assert weights.encoder == {}


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_every_float_becomes_float32(path, dtype):
    save_file({"pooler.dense.bias": np.array([0.5, -2], dtype)}, path)
    values = np.asarray(read_weights(path).encoder["pooler/bias"])
    assert values.dtype == np.float32
    assert values.tolist() == [0.5, -2.0]


def write_raw(path, dtype, shape, data):
    """A safetensors file by its specification: size, JSON header, bytes."""
    header = json.dumps(
        {
            "pooler.dense.bias": {
                "dtype": dtype,
                "shape": shape,
                "data_offsets": [0, len(data)],
            }
        }
    ).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)


def test_bfloat16(path):
    data = np.array([1.5, -3], ml_dtypes.bfloat16).tobytes()
    write_raw(path, "BF16", [2], data)
    values = np.asarray(read_weights(path).encoder["pooler/bias"])
    assert values.dtype == np.float32
    assert values.tolist() == [1.5, -3.0]


def test_quantized_weights_are_refused(path):
    write_raw(path, "I8", [2], b"\x01\x02")
    with pytest.raises(WeightsError, match=r"Received: I8\. Quantized weights"):
        read_weights(path)


def test_one_weight_twice(path):
    one = np.ones(2, "float32")
    save_file({"pooler.dense.bias": one, "bert.pooler.dense.bias": one}, path)
    with pytest.raises(WeightsError, match="Expected one tensor for pooler/b"):
        read_weights(path)


def test_damaged_files(path):
    save_file({"pooler.dense.bias": np.ones(9, "float32")}, path)
    whole = path.read_bytes()
    for damaged in (
        b"",
        whole[:20],  # inside the header
        whole[:-5],  # inside the values
        whole + b"xx",
        whole.replace(b"[9]", b"[8]"),  # a header that lies
        b"\xff" * 8 + whole[8:],  # a header of 2**64 bytes
        b"<!DOCTYPE html>, not found",
    ):
        path.write_bytes(damaged)
        with pytest.raises(WeightsError, match="Expected a complete safeten"):
            read_weights(path)
