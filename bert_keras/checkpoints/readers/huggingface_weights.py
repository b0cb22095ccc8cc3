"""The weights of a Hugging Face folder, in one file or several."""

from collections.abc import Callable
from pathlib import Path

from bert_keras.checkpoints.errors import WeightsError
from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.readers.safetensors_file import list_safetensors
from bert_keras.checkpoints.readers.torch_file import list_torch
from bert_keras.checkpoints.tensors import StoredTensor

INDEX_SUFFIX = ".index.json"


def weight_files(path: Path) -> tuple[Path, ...]:
    """Returns the weight files that a path stands for.

    Args:
        path: A weight file, or an index (`*.index.json`) of several.

    Raises:
        WeightsError: If a file of an index is missing, or not beside it.
    """
    if not path.name.endswith(INDEX_SUFFIX):
        return (path,)
    files = tuple(path.parent / name for name in sorted(_by_file(path)))
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise WeightsError(
            f"{path}: Expected the files it names. Missing: "
            f"{', '.join(missing)}. Download them into {path.parent}"
        )
    return files


def list_tensors(path: Path) -> dict[str, StoredTensor]:
    """Reads names and shapes of a weight file, or of all files of an index.

    Args:
        path: As in `weight_files`.

    Raises:
        WeightsError: If a file is damaged, or holds other tensors than the
            index says.
    """
    if not path.name.endswith(INDEX_SUFFIX):
        return _lister(path)(path)
    tensors: dict[str, StoredTensor] = {}
    expected = _by_file(path)
    for file in weight_files(path):
        received = _lister(file)(file)
        differing = set(received) ^ expected[file.name]
        if differing:
            raise WeightsError(
                f"{file}: Expected the {len(expected[file.name])} tensors "
                f"that {path.name} names. Differing: "
                f"{', '.join(sorted(differing)[:10])}. The files are of "
                "different models: download them again."
            )
        tensors |= received
    return tensors


def _by_file(path: Path) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    files = read_json(path).get("weight_map")
    if not isinstance(files, dict) or not files:
        raise WeightsError(f"{path}: Expected `weight_map`, names by file.")
    for tensor, file in files.items():
        if not isinstance(file, str) or Path(file).name != file:
            raise WeightsError(
                f"{path}: Expected names of files beside it. Received: {file!r}"
            )
        names.setdefault(file, set()).add(tensor)
    return names


def _lister(path: Path) -> Callable[[Path], dict[str, StoredTensor]]:
    return list_torch if path.suffix == ".bin" else list_safetensors
