"""Tensors of a `pytorch_model.bin`, a pickle, read without running it."""

import functools
from pathlib import Path

import numpy as np

from bert_keras.checkpoints.errors import WeightsError
from bert_keras.checkpoints.tensors import StoredTensor


def list_torch(path: Path) -> dict[str, StoredTensor]:
    """Reads the tensors of a file that `torch.save` wrote.

    A pickle may contain any code. PyTorch's restricted reader accepts tensors
    and plain containers, and refuses everything else.

    Args:
        path: The file.

    Returns:
        The tensors by their names in the file.

    Raises:
        WeightsError: If PyTorch is not installed, or the file is damaged or
            holds more than tensors.
    """
    try:
        import torch
    except ImportError as error:
        raise WeightsError(
            f"{path}: Expected PyTorch to be installed, which alone reads its "
            "files. Try: pip install 'bert-keras[torch]'. Or save the model as "
            "model.safetensors, which needs no PyTorch."
        ) from error
    tensors = _load(torch, path)
    if not isinstance(tensors, dict) or not all(
        isinstance(tensor, torch.Tensor) for tensor in tensors.values()
    ):
        raise WeightsError(
            f"{path}: Expected tensors by name. Received: a "
            f"{type(tensors).__name__} of something else. Save the model's "
            "`state_dict()`."
        )
    return {
        name: StoredTensor(
            name,
            tuple(tensor.shape),
            functools.partial(_values, torch, tensor),
            dtype=str(tensor.dtype).removeprefix("torch."),
        )
        for name, tensor in tensors.items()
    }


def _load(torch, path: Path):
    try:
        try:
            return torch.load(
                path, map_location="cpu", weights_only=True, mmap=True
            )
        except RuntimeError:
            # Files of PyTorch before 1.6 are not archives and cannot be mapped.
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # many types, for zip files and pickles
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise WeightsError(
            f"{path}: Expected a complete PyTorch file of tensors alone. "
            f"Received: {path.stat().st_size:,} bytes, {reason[0]} Nothing in "
            "it was run."
        ) from error


def _values(torch, tensor) -> np.ndarray:
    # PyTorch cannot convert bfloat16 to NumPy.
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    return tensor.numpy()
