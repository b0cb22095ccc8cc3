"""Tensors in an HDF5 file."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np


def write_hdf5(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Writes tensors by name; slashes in a name are groups.

    Args:
        path: The file.
        tensors: Arrays by name.

    Raises:
        OSError: If the disk is full or the folder cannot be written.
    """
    # Imported here: other formats need no HDF5.
    import h5py

    with h5py.File(path, "w") as file:
        for name, values in tensors.items():
            file.create_dataset(name, data=values)
