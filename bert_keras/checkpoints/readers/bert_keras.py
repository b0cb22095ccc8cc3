"""bert_keras: the folder of a saved task, and an exported version.

    task.json, model.safetensors, vocab.txt, tokenizer_config.json    a task
    bert_keras.json, saved_model.pb, variables/, vocab.txt            a version

Only the weights of a version are read, as data; its graph is not loaded.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bert_keras import contract
from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError, WeightsError
from bert_keras.checkpoints.head_settings import HeadSettings
from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.readers.merged_lora import merged_lora
from bert_keras.checkpoints.readers.safetensors_file import list_safetensors
from bert_keras.checkpoints.readers.tensorflow_checkpoint import (
    checkpoint_files,
    list_checkpoint,
)
from bert_keras.checkpoints.tensors import Axes, StoredTensor
from bert_keras.checkpoints.vocabulary_files import read_tokens
from bert_keras.config import BertConfig, SavedModelConfig, TokenizerConfig
from bert_keras.digests import check_digests
from bert_keras.trust import SAVED_MODEL

TOKENIZER = "tokenizer_config.json"
VARIABLES = "variables/variables"

# A variable of an export, by its name in `ServedTask`.
_EXPORTED = re.compile(r"weights/(.*)/\.ATTRIBUTES/VARIABLE_VALUE")
_ENCODER, _HEAD = "encoder/", "head/"


def read_task_folder(path: Path) -> Contents:
    """Reads a folder that `Task.save` or a training run wrote.

    Args:
        path: The folder, or a file in it.

    Raises:
        CheckpointError: If a file has other content than this version writes.
        DigestError: If a file is not the one that was written.
        WeightsError: If the weights are damaged.
    """
    folder = path if path.is_dir() else path.parent
    values = read_json(folder / contract.TASK_CONFIG)
    check_digests(folder / contract.TASK_CONFIG, values.get("digests"))
    weights = folder / contract.WEIGHTS
    settings = {}
    if (folder / TOKENIZER).is_file():
        settings = read_json(folder / TOKENIZER)
    return _contents(
        "bert_keras",
        folder / contract.TASK_CONFIG,
        # A task has this in a second file, a version does not.
        {"max_length": settings.get("max_length"), **values},
        list_safetensors(weights),
        weights=(weights,),
        tokenizer=_tokenizer(settings),
    )


def read_export(path: Path) -> Contents:
    """Reads a version that `Task.export` wrote.

    Args:
        path: The version's folder, or a file in it.

    Raises:
        CheckpointError: If a file has other content than this version writes.
        DigestError: If a file is not the one that was written.
        WeightsError: If the weights are damaged.
    """
    folder = path if path.is_dir() else path.parent
    manifest = folder / contract.EXPORT_MANIFEST
    values = read_json(manifest)
    check_digests(manifest, values.get("digests"))
    return _contents(
        "bert_keras-export",
        manifest,
        values,
        list_export(folder),
        weights=checkpoint_files(folder / VARIABLES),
        tokenizer=_tokenizer(values.get("tokenizer") or {}),
    )


def list_export(folder: Path) -> dict[str, StoredTensor]:
    """Reads the weights of a version by name, `encoder/...` and `head/...`.

    Args:
        folder: Of the version.

    Raises:
        WeightsError: If the files are damaged, or have no names.
    """
    prefix = folder / VARIABLES
    tensors = {}
    for key, tensor in list_checkpoint(prefix).items():
        if match := _EXPORTED.fullmatch(key):
            tensors[_unescaped(match[1])] = tensor
    if not tensors:
        raise WeightsError(
            f"{prefix}: Expected weights by name. Received none: this version "
            "was exported by an older release. Export the task again."
        )
    return tensors


def _unescaped(key: str) -> str:
    """Returns a name that TensorFlow escaped as part of a key."""
    return key.replace(".S", "/").replace("..", ".")


def _contents(
    name: str,
    source: Path,
    values: dict,
    tensors: Mapping[str, StoredTensor],
    *,
    weights: tuple[Path, ...],
    tokenizer: TokenizerConfig | None,
) -> Contents:
    try:
        architecture = _architecture(values["encoder"], source.parent)
        settings = HeadSettings.from_dict(values["head"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{source}: Expected `head` and `encoder`, as this version of "
            f"bert_keras writes them. Received: {type(error).__name__}: {error}"
        ) from error
    vocabulary = source.with_name(contract.VOCABULARY)
    known = vocabulary.is_file()
    head = _part(tensors, _HEAD)
    sentence = settings.sentence
    return Contents(
        format=name,
        folder=source.parent,
        **architecture,
        tensors=merged_lora(_part(tensors, _ENCODER)),
        weights=weights,
        heads={settings.name: _scaled(head, settings)} if head else {},
        unknown={
            key: tensor
            for key, tensor in tensors.items()
            if not key.startswith((_ENCODER, _HEAD))
        },
        vocabulary=tuple(read_tokens(vocabulary)) if known else None,
        tokenizer=tokenizer,
        tokenizer_problem=(
            f"Expected the tokenizer's settings in {source.parent}."
        ),
        vocabulary_path=vocabulary if known else None,
        labels=settings.labels,
        problem_type=settings.problem_type,
        pooling=settings.pooling,
        windows=settings.windows,
        sentence=sentence
        and dataclasses.replace(sentence, max_length=values.get("max_length")),
    )


def _architecture(values: dict, folder: Path) -> dict:
    """Returns what `Contents` says about an encoder, from its description."""
    if "saved_model" not in values:
        return {"config": BertConfig.from_dict(values)}
    saved_model = folder / SavedModelConfig(**values).saved_model
    if not (saved_model / SAVED_MODEL).is_file():
        raise CheckpointError(
            f"{folder}: Expected the graph of its encoder, which is not BERT's "
            f"own, in {saved_model.name}/{SAVED_MODEL}. Received: none. Copy "
            "the folder again, or export the task again if an older release "
            "did."
        )
    note = f"Not BERT's own architecture: {saved_model.name}/ computes it."
    return {"config": None, "saved_model": saved_model, "notes": (note,)}


def _part(tensors: Mapping, prefix: str) -> dict[str, StoredTensor]:
    return {
        name.removeprefix(prefix): tensor.with_axes(Axes.SAME)
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def _scaled(head: dict, settings: HeadSettings) -> dict[str, StoredTensor]:
    """Returns weights whose outputs are answers, not standardized scores."""
    mean, scale = np.float32(settings.mean), np.float32(settings.scale)
    if mean == 0.0 and scale == 1.0:
        return head

    def times(tensor, plus):
        return lambda: np.asarray(tensor) * scale + plus

    return {
        name: dataclasses.replace(
            tensor,
            read=times(tensor, mean if name == "dense/bias" else np.float32(0)),
        )
        for name, tensor in head.items()
    }


def _tokenizer(values: dict) -> TokenizerConfig | None:
    names = {field.name for field in dataclasses.fields(TokenizerConfig)}
    known = {key: values[key] for key in names & set(values)}
    return TokenizerConfig(**known) if known else None
