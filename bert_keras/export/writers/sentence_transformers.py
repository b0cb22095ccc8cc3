"""The modules with which sentence-transformers turns a text into a vector."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bert_keras.checkpoints import (
    DENSE_ACTIVATIONS,
    StoredTensor,
    write_tensors,
)
from bert_keras.checkpoints.readers.sentence_transformers import (
    POOLINGS,
    SentenceSettings,
)
from bert_keras.config import BertConfig
from bert_keras.export.writers.files import write_json


def write_sentence(
    settings: SentenceSettings,
    config: BertConfig,
    folder: Path,
    *,
    dense: Mapping[str, StoredTensor],
) -> None:
    """Writes `modules.json` and the modules it names.

    Args:
        settings: How a text becomes a vector.
        config: The architecture of the encoder.
        folder: The folder of the encoder's `config.json`.
        dense: Weights of its dense layer, if it has one.
    """
    steps = settings.steps or _steps(settings)
    # The encoder is in the folder itself, each other step in a subfolder.
    paths = {
        step: f"{number}_{step}" if number else ""
        for number, step in enumerate(steps)
    }
    write_json(
        folder / "modules.json",
        [
            {
                "idx": number,
                "name": str(number),
                "path": paths[step],
                "type": f"sentence_transformers.models.{step}",
            }
            for number, step in enumerate(steps)
        ],
    )
    limits: dict[str, bool | int] = {"do_lower_case": settings.lower_first}
    if settings.max_length is not None:
        limits["max_seq_length"] = settings.max_length
    write_json(folder / "sentence_bert_config.json", limits)
    if "Pooling" in paths:
        write_json(
            folder / paths["Pooling"] / "config.json",
            _pooling(settings.pooling, config.hidden_size),
        )
    if dense:
        _write_dense(folder / paths["Dense"], dense, settings.activation)
    if "Normalize" in paths:
        (folder / paths["Normalize"]).mkdir()


def _steps(settings: SentenceSettings) -> tuple[str, ...]:
    given = {
        "Pooling": settings.pooling,
        "Dense": settings.activation,
        "Normalize": settings.normalize,
    }
    return ("Transformer", *(step for step, is_set in given.items() if is_set))


def _pooling(pooling: str, width: int) -> dict:
    chosen = pooling.split("+")
    return {
        "word_embedding_dimension": width,
        **{key: name in chosen for key, name in POOLINGS.items()},
    }


def _write_dense(
    folder: Path, dense: Mapping[str, StoredTensor], activation: str
) -> None:
    kernel = np.asarray(dense["dense/kernel"])
    names = {ours: theirs for theirs, ours in DENSE_ACTIVATIONS.items()}
    write_json(
        folder / "config.json",
        {
            "in_features": kernel.shape[0],
            "out_features": kernel.shape[1],
            "bias": True,
            "activation_function": names[activation],
        },
    )
    write_tensors(
        folder / "model.safetensors",
        {
            "linear.weight": np.ascontiguousarray(kernel.T),
            "linear.bias": np.asarray(dense["dense/bias"]),
        },
        metadata={"format": "pt"},
    )
