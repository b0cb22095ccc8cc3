"""KerasHub: the folder of a BERT preset, as `save_to_preset` writes it.

    config.json                         the backbone
    model.weights.h5                    its weights, or model_00000.weights.h5
                                        and so on
    tokenizer.json                      the tokenizer
    assets/tokenizer/vocabulary.txt     its tokens
    task.json, task.weights.h5          a task around the backbone

The files are read as data; no Keras object is built from them.
https://keras.io/keras_hub/
"""

from pathlib import Path

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.name_maps import by_our_names
from bert_keras.checkpoints.name_maps.keras_hub import BACKBONE, numbered
from bert_keras.checkpoints.readers.hdf5_file import list_hdf5
from bert_keras.checkpoints.readers.keras_hub_config import (
    CONFIG,
    TOKENIZER,
    read_backbone_config,
    read_tokenizer_config,
)
from bert_keras.checkpoints.readers.keras_hub_task import read_task
from bert_keras.checkpoints.tensors import StoredTensor
from bert_keras.checkpoints.vocabulary_files import read_tokens
from bert_keras.handles import folder_listing, shortened

VOCABULARY = "assets/tokenizer/vocabulary.txt"
WEIGHTS = ("model.weights.h5", "model_*.weights.h5")


def read_keras_hub(path: Path) -> Contents:
    """Reads a preset of `keras_hub.models.BertBackbone`.

    Args:
        path: The folder, or a file in it.

    Raises:
        CheckpointError: If files are missing or of another architecture.
        WeightsError: If the weights are damaged.
    """
    folder = path if path.is_dir() else path.parent
    config = read_backbone_config(folder / CONFIG)
    weights = _weight_files(folder)
    named = by_our_names(_list(weights), BACKBONE, source=weights[0])
    tokenizer, problem = _tokenizer(folder)
    vocabulary = folder / VOCABULARY
    known = vocabulary.is_file()
    task = read_task(folder)
    return Contents(
        format="keras-hub",
        folder=folder,
        config=config,
        tensors=named.encoder,
        weights=(*weights, *task.weights),
        heads=task.heads,
        unknown={**named.unknown, **task.unknown},
        vocabulary=tuple(read_tokens(vocabulary)) if known else None,
        tokenizer=tokenizer,
        tokenizer_problem=problem,
        vocabulary_path=vocabulary if known else None,
        labels=task.labels,
        problem_type=task.problem_type,
        sentence=task.sentence,
        notes=task.notes,
    )


def _weight_files(folder: Path) -> tuple[Path, ...]:
    for pattern in WEIGHTS:
        if files := sorted(folder.glob(pattern)):
            return tuple(files)
    raise CheckpointError(
        f"Expected {WEIGHTS[0]} in {folder}. It holds: "
        f"{shortened(folder_listing(folder))}."
    )


def _list(files: tuple[Path, ...]) -> dict[str, StoredTensor]:
    tensors: dict[str, StoredTensor] = {}
    for file in files:
        found = list_hdf5(file)
        tensors |= {numbered(name): found[name] for name in found}
    return tensors


def _tokenizer(folder: Path):
    if not (folder / TOKENIZER).is_file():
        return (
            None,
            f"Expected {TOKENIZER} in {folder}, the tokenizer's settings.",
        )
    try:
        return read_tokenizer_config(folder / TOKENIZER), ""
    except ValueError as error:
        return None, str(error)
