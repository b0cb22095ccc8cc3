"""The task around a KerasHub backbone: its head, and what its outputs mean."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.name_maps import by_our_names
from bert_keras.checkpoints.name_maps.keras_hub import CLASSIFIER, MASKED_LM
from bert_keras.checkpoints.readers.hdf5_file import list_hdf5
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.checkpoints.tensors import StoredTensor

TASK = "task.json"
WEIGHTS = "task.weights.h5"

# By class; KerasHub keeps the older name as an alias.
_TABLES = {
    "BertTextClassifier": CLASSIFIER,
    "BertClassifier": CLASSIFIER,
    "BertMaskedLM": MASKED_LM,
}
_EMBEDDER = "BertTextEmbedder"
# What the last activation of a classifier says about its classes.
PROBLEM_TYPES = {
    "softmax": "single_label_classification",
    "sigmoid": "multi_label_classification",
}
_OTHER_HEAD = (
    "The head of KerasHub's masked language model has exact GELU and an "
    "epsilon of 1e-5, whatever its encoder has: its scores differ slightly "
    "here."
)


@dataclasses.dataclass(frozen=True)
class KerasHubTask:
    """What a task adds to its backbone; see `Contents` for the fields."""

    weights: tuple[Path, ...] = ()
    heads: Mapping[str, Mapping[str, StoredTensor]] = dataclasses.field(
        default_factory=dict
    )
    unknown: Mapping[str, StoredTensor] = dataclasses.field(
        default_factory=dict
    )
    labels: tuple[str, ...] = ()
    problem_type: str | None = None
    sentence: SentenceSettings | None = None
    notes: tuple[str, ...] = ()


def read_task(folder: Path) -> KerasHubTask:
    """Reads `task.json` and its weights; a preset may have neither.

    Args:
        folder: Of the preset.

    Raises:
        WeightsError: If the weights are damaged.
    """
    if not (folder / TASK).is_file():
        return KerasHubTask()
    values = read_json(folder / TASK)
    name, config = values.get("class_name"), values.get("config") or {}
    if name == _EMBEDDER:
        return KerasHubTask(sentence=_sentence(config))
    path = folder / WEIGHTS
    if not path.is_file():
        return KerasHubTask(
            notes=(f"{TASK} describes a {name}; its {WEIGHTS} is missing.",)
        )
    named = by_our_names(list_hdf5(path), _TABLES.get(name, ()), source=path)
    classes = config.get("num_classes") or 0
    return KerasHubTask(
        weights=(path,),
        heads=named.heads,
        unknown=named.unknown,
        labels=tuple(f"LABEL_{index}" for index in range(classes)),
        problem_type=PROBLEM_TYPES.get(config.get("activation", "")),
        notes=(_OTHER_HEAD,) if "masked_lm" in named.heads else (),
    )


def _sentence(config: Mapping) -> SentenceSettings:
    preprocessor = (config.get("preprocessor") or {}).get("config") or {}
    normalize = config.get("normalize", True)
    return SentenceSettings(
        pooling=config.get("pooling_mode", "mean"),
        normalize=normalize,
        max_length=preprocessor.get("sequence_length"),
        steps=("Transformer", "Pooling", "Normalize")[: 2 + normalize],
    )
