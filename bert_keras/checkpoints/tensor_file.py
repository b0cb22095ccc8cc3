"""Tensors in a file: safetensors, written completely or not at all."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from bert_keras.atomic import replacing


def write_tensors(
    path: str | Path,
    tensors: Mapping[str, np.ndarray],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes a safetensors file.

    Args:
        path: The file; its folder is created if it is missing.
        tensors: Arrays by name.
        metadata: Strings by name.

    Raises:
        OSError: If the disk is full or the folder cannot be written. A file
            of that name is left as it was.
    """
    with replacing(path) as temporary:
        try:
            save_file(
                dict(tensors),
                temporary,
                None if metadata is None else dict(metadata),
            )
        except SafetensorError as error:
            raise _system_error(error, path) from error
        _open_to_readers(temporary)


def read_tensors(
    path: str | Path,
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Reads what `write_tensors` wrote.

    Returns:
        Arrays by name, and the metadata.

    Raises:
        ValueError: If the file is damaged.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            return tensors, file.metadata() or {}
    except SafetensorError as error:
        raise ValueError(
            f"{path}: Expected a safetensors file. Received: a damaged one "
            f"({error}). Restore it from a copy, or remove it and train again."
        ) from error


def _open_to_readers(path: Path) -> None:
    """Gives a file the default mode; safetensors makes it private."""
    new = path.with_suffix(".mode")
    new.touch()
    path.chmod(new.stat().st_mode)


def _system_error(error: SafetensorError, path) -> OSError:
    """Returns the `OSError` that safetensors reports as text."""
    number = re.search(r"os error (\d+)", str(error))
    if number is None:
        return OSError(f"{path}: {error}")
    code = int(number[1])
    return OSError(code, os.strerror(code), str(path))
