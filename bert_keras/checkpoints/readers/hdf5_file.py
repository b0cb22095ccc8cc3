"""Tensors of an HDF5 file, which holds no code."""

import functools
import math
from pathlib import Path

import ml_dtypes
import numpy as np

from bert_keras.checkpoints.errors import WeightsError
from bert_keras.checkpoints.tensors import StoredTensor


def list_hdf5(path: Path) -> dict[str, StoredTensor]:
    """Reads names and shapes of an HDF5 file.

    HDF5 may refer to other files; no link is followed and no other file is
    opened. All values are in this file, as many as their shapes say.

    Args:
        path: The file.

    Returns:
        The tensors by their paths in the file.

    Raises:
        WeightsError: If the file is damaged, or values are in other files.
    """
    import h5py  # which Keras requires too

    tensors = {}

    def visit(name: str, item):
        if isinstance(item, h5py.Dataset):
            tensors[name] = _tensor(path, name, item)

    try:
        with h5py.File(path) as file:
            file.visititems(visit)
    except (OSError, RuntimeError, KeyError) as error:
        raise _damaged(path, error) from error
    return tensors


def _tensor(path: Path, name: str, dataset) -> StoredTensor:
    # Keras marks bfloat16, which HDF5 does not have: it stores two bytes.
    dtype = dataset.attrs.get("dtype", str(dataset.dtype))
    expected = math.prod(dataset.shape) * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size()
    if dataset.is_virtual or dataset.external or stored != expected:
        raise WeightsError(
            f"{path}: Expected the {expected:,} bytes of {name} "
            f"{list(dataset.shape)} in the file itself. Received: "
            f"{stored:,} bytes. Save the model again."
        )
    read = functools.partial(_read, path, name, dtype)
    return StoredTensor(name, dataset.shape, read, dtype=dtype)


def _read(path: Path, name: str, dtype: str) -> np.ndarray:
    import h5py

    try:
        with h5py.File(path) as file:
            values = file[name][()]
    except (OSError, RuntimeError, KeyError) as error:
        raise _damaged(path, error) from error
    return values.view(ml_dtypes.bfloat16) if dtype == "bfloat16" else values


def _damaged(path: Path, error: Exception) -> WeightsError:
    size = f"{path.stat().st_size:,} bytes, " if path.is_file() else ""
    return WeightsError(
        f"{path}: Expected a complete HDF5 file. Received: {size}{error} "
        "Download it again."
    )
