"""google-research/bert: `bert_config.json`, `bert_model.ckpt`, `vocab.txt`.

https://github.com/google-research/bert
"""

from pathlib import Path
from typing import Any

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.name_maps import by_our_names
from bert_keras.checkpoints.name_maps.tf1 import TF1
from bert_keras.checkpoints.readers.casing import read_casing
from bert_keras.checkpoints.readers.tensorflow_checkpoint import (
    checkpoint_files,
    find_checkpoint,
    list_checkpoint,
)
from bert_keras.checkpoints.readers.tensorflow_config import read_bert_config
from bert_keras.checkpoints.vocabulary_files import read_tokens
from bert_keras.handles import folder_listing, shortened

CONFIG = "bert_config.json"
VOCABULARY = "vocab.txt"


def read_tf1(path: Path) -> Contents:
    """Reads a folder in the layout of the published models.

    Args:
        path: The folder, or the index of a checkpoint in it.

    Raises:
        CheckpointError: If files are missing or of another architecture.
        WeightsError: If the checkpoint is damaged.
    """
    prefix = find_checkpoint(path)
    folder = prefix.parent
    if not (folder / CONFIG).is_file():
        raise CheckpointError(
            f"Expected {CONFIG} beside {prefix.name}. {folder} holds: "
            f"{shortened(folder_listing(folder))}. A training of "
            "google-research/bert writes only checkpoints: copy this file and "
            "vocab.txt from the model that it started from."
        )
    config = read_bert_config(folder / CONFIG)
    named = by_our_names(list_checkpoint(prefix), TF1, source=prefix)
    if not named.encoder:
        raise CheckpointError(
            f"{prefix}: Expected variables of BERT, such as "
            "bert/embeddings/word_embeddings. Received: "
            f"{shortened(sorted(named.unknown))}"
        )
    return Contents(
        format="tf1",
        folder=folder,
        config=config,
        tensors=named.encoder,
        weights=checkpoint_files(prefix),
        heads=named.heads,
        unknown=named.unknown,
        **read_vocabulary(folder),
    )


def read_vocabulary(folder: Path, path: Path | None = None) -> dict[str, Any]:
    """Returns what `Contents` says about vocabulary and casing.

    Args:
        folder: The folder of the checkpoint.
        path: The vocabulary; `None` takes `vocab.txt`, if it exists.
    """
    path = path or folder / VOCABULARY
    if not path.is_file():
        return {}
    tokens = tuple(read_tokens(path))
    try:
        tokenizer, why = read_casing(folder, tokens)
    except ValueError as error:
        return {
            "vocabulary": tokens,
            "vocabulary_path": path,
            "tokenizer_problem": str(error),
        }
    return {
        "vocabulary": tokens,
        "vocabulary_path": path,
        "tokenizer": tokenizer,
        "notes": (why,) if why else (),
    }
