"""KerasHub: a preset that `from_preset` of its BERT classes loads.

    config.json                       a BertBackbone
    model.weights.h5                  its weights
    tokenizer.json                    a BertTokenizer
    assets/tokenizer/vocabulary.txt   its tokens
    metadata.json                     versions
    task.json, preprocessor.json      a BertTextClassifier with its weights in
                                      task.weights.h5, or a BertTextEmbedder

https://keras.io/keras_hub/
"""

from importlib import metadata
from pathlib import Path

import numpy as np

from bert_keras.checkpoints import Contents
from bert_keras.checkpoints.name_maps import by_their_names
from bert_keras.checkpoints.name_maps.keras_hub import (
    BACKBONE,
    CLASSIFIER,
    unnumbered,
)
from bert_keras.checkpoints.readers.keras_hub import VOCABULARY
from bert_keras.checkpoints.readers.keras_hub_config import (
    CONFIG,
    FIXED,
    TOKENIZER,
)
from bert_keras.checkpoints.readers.keras_hub_task import (
    PROBLEM_TYPES,
    TASK,
    WEIGHTS,
)
from bert_keras.config import BertConfig, TokenizerConfig
from bert_keras.export.writers.errors import ConversionError
from bert_keras.export.writers.files import write_json, write_tokens
from bert_keras.export.writers.hdf5_file import write_hdf5
from bert_keras.export.writers.keras_hub_objects import (
    backbone,
    classifier,
    embedder,
    preprocessor,
    tokenizer,
)

# The release whose files these follow.
_VERSION = "0.32.0"
# KerasHub compiles a task when it is built, and then restores the optimizer's
# step and learning rate; these are the initial ones.
_OPTIMIZER = {
    "optimizer/vars/0": np.zeros((), "int64"),
    "optimizer/vars/1": np.full((), 5e-5, "float32"),
}
_TANH = ("gelu_new", "gelu_pytorch_tanh")
_POOLINGS = ("cls", "mean", "max")


def write_keras_hub(contents: Contents, folder: Path) -> None:
    """Writes what `BertBackbone.from_preset` and the like load.

    Args:
        contents: The model.
        folder: Empty.

    Raises:
        ConversionError: If KerasHub's code computes something else, or cannot
            hold a part.
    """
    config = contents.require_config()
    _check_encoder(contents, config)
    _check_task(contents)
    heads = config.num_attention_heads
    tensors = by_their_names(contents.tensors, BACKBONE, attention_heads=heads)
    write_hdf5(
        folder / "model.weights.h5",
        {unnumbered(name): values for name, values in tensors.items()},
    )
    write_json(folder / CONFIG, backbone(config))
    write_json(folder / "metadata.json", _metadata(contents))
    settings = write_tokens(contents, folder / VOCABULARY)
    if settings is not None:
        _check_tokenizer(settings)
        write_json(folder / TOKENIZER, tokenizer(settings))
    _write_task(contents, config, folder)


def _metadata(contents: Contents) -> dict:
    return {
        "keras_version": metadata.version("keras"),
        "keras_hub_version": _VERSION,
        "parameter_count": sum(t.size for t in contents.tensors.values()),
        "tasks": ["MaskedLM", "TextClassifier", "TextEmbedder"],
    }


def _write_task(contents: Contents, config: BertConfig, folder: Path) -> None:
    head = contents.heads.get("sequence_classifier")
    if head is not None:
        activations = {kind: name for name, kind in PROBLEM_TYPES.items()}
        activation = activations.get(contents.problem_type or "", "linear")
        prepared = _write_preprocessor("classifier", contents, folder)
        outputs = head["dense/bias"].shape[0]
        task = classifier(config, outputs, activation, prepared)
        write_json(folder / TASK, task)
        tensors = by_their_names(
            head, CLASSIFIER, attention_heads=1, head="sequence_classifier"
        )
        write_hdf5(folder / WEIGHTS, tensors | _OPTIMIZER)
    elif contents.sentence is not None:
        prepared = _write_preprocessor("embedder", contents, folder)
        task = embedder(config, contents.sentence, prepared)
        write_json(folder / TASK, task)


def _write_preprocessor(
    kind: str, contents: Contents, folder: Path
) -> dict | None:
    """Returns what it wrote; `None` without a vocabulary."""
    if contents.vocabulary is None:
        return None
    prepared = preprocessor(kind, contents)
    write_json(folder / "preprocessor.json", prepared)
    return prepared


def _check_encoder(contents: Contents, config: BertConfig) -> None:
    differing = [
        f"{name}={getattr(config, name)!r} instead of {value!r}"
        for name, value in FIXED.items()
        if getattr(config, name) != value
        and not (name == "hidden_act" and config.hidden_act in _TANH)
    ]
    if not any(name.startswith("pooler/") for name in contents.tensors):
        differing.append("no pooler")
    if differing:
        raise ConversionError(
            "Expected what the code of KerasHub's BertBackbone computes: the "
            "tanh approximation of GELU, an epsilon of 1e-12, and a pooler. "
            f"Received: {', '.join(differing)}. KerasHub would give other "
            "answers: choose another format, such as bert_keras."
        )


def _check_tokenizer(config: TokenizerConfig) -> None:
    names = ("sep_token", "pad_token", "cls_token", "mask_token")
    differing = [
        f"{name}={getattr(config, name)!r}"
        for name in names
        if getattr(config, name) != getattr(TokenizerConfig, name)
    ]
    if not config.tokenize_chinese_chars:
        differing.append("tokenize_chinese_chars=False")
    if differing:
        raise ConversionError(
            "Expected the special tokens of KerasHub's BertTokenizer, and "
            f"Chinese characters as words. Received: {', '.join(differing)}. "
            "Choose another format, such as bert_keras."
        )


def _check_task(contents: Contents) -> None:
    sentence, heads = contents.sentence, contents.heads
    problem_types = (None, *PROBLEM_TYPES.values())
    if heads and sentence is not None:
        received = "a classifier and how a text becomes one vector"
    elif heads and contents.problem_type not in problem_types:
        received = f"a classifier with problem_type={contents.problem_type!r}"
    elif sentence is not None and sentence.pooling not in _POOLINGS:
        received = f"pooling={sentence.pooling!r}"
    else:
        return
    raise ConversionError(
        "Expected one task of KerasHub: a classifier, or an embedder that "
        f"pools by {', '.join(_POOLINGS)}. Received: {received}. Try "
        "--without-heads, or --format bert_keras."
    )
