"""Hugging Face: `config.json`, `model.safetensors`, a tokenizer's files."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bert_keras.checkpoints import Contents, write_tensors
from bert_keras.checkpoints.name_maps import by_their_names
from bert_keras.checkpoints.name_maps.huggingface import (
    CLASSIFIER,
    HUGGING_FACE,
)
from bert_keras.config import BertConfig
from bert_keras.export.writers.errors import ConversionError
from bert_keras.export.writers.files import write_json
from bert_keras.export.writers.huggingface_tokenizer import write_tokenizer
from bert_keras.export.writers.sentence_transformers import write_sentence

# The class of transformers with exactly these heads.
CLASSES = {
    (): "BertModel",
    ("masked_lm",): "BertForMaskedLM",
    ("masked_lm", "next_sentence"): "BertForPreTraining",
    ("next_sentence",): "BertForNextSentencePrediction",
    ("sequence_classifier",): "BertForSequenceClassification",
    ("token_classifier",): "BertForTokenClassification",
    ("multiple_choice",): "BertForMultipleChoice",
    ("span",): "BertForQuestionAnswering",
}
# Heads that are all named `classifier`, whatever the class.
_CLASSIFIERS = ("sequence_classifier", "token_classifier", "multiple_choice")


def write_huggingface(contents: Contents, folder: Path) -> None:
    """Writes what `AutoModel`, `AutoModelFor...` and `AutoTokenizer` load.

    Args:
        contents: The model. Settings of sentence-transformers are written as
            its modules, so that `SentenceTransformer` loads the folder too.
        folder: Empty.

    Raises:
        ConversionError: If no class of transformers computes the same.
    """
    config, heads = contents.require_config(), dict(contents.heads)
    # A step of sentence-transformers, in a folder of its own.
    dense = heads.pop("embedding", {})
    contents = dataclasses.replace(contents, heads=heads)
    _check(contents)
    write_json(folder / "config.json", _config(contents, config))
    write_tensors(
        folder / "model.safetensors",
        _tensors(contents, config.num_attention_heads),
        # transformers refuses files without this.
        metadata={"format": "pt"},
    )
    write_tokenizer(contents, folder)
    if contents.sentence is not None:
        write_sentence(contents.sentence, config, folder, dense=dense)


def _check(contents: Contents) -> None:
    heads = tuple(sorted(contents.heads))
    if heads not in CLASSES:
        raise ConversionError(
            f"Expected the heads of one class of transformers. Received: "
            f"{', '.join(heads)}, which no class combines. Try "
            "--without-heads, or --format bert_keras."
        )


def _config(contents: Contents, config: BertConfig) -> dict:
    heads = contents.heads
    values = {
        "architectures": [CLASSES[tuple(sorted(heads))]],
        "model_type": "bert",
        **config.to_dict(),
        "dtype": "float32",
        "tie_word_embeddings": "kernel" not in heads.get("masked_lm", {}),
    }
    if contents.problem_type:
        values["problem_type"] = contents.problem_type
    if contents.labels:
        values["id2label"] = dict(enumerate(contents.labels))
        values["label2id"] = {
            label: number for number, label in enumerate(contents.labels)
        }
    else:
        values |= _number_of_labels(heads)
    return values


def _number_of_labels(heads: Mapping) -> dict:
    for head in ("sequence_classifier", "token_classifier"):
        if head in heads:
            return {"num_labels": heads[head]["dense/bias"].shape[0]}
    return {}


def _tensors(contents: Contents, attention_heads: int) -> dict[str, np.ndarray]:
    """Returns all weights by the names of the class."""
    encoder = by_their_names(
        contents.tensors, HUGGING_FACE, attention_heads=attention_heads
    )
    # A class with a head has its encoder as `bert`.
    prefix = "bert." if contents.heads else ""
    tensors = {prefix + name: values for name, values in encoder.items()}
    for head, weights in contents.heads.items():
        weights = dict(weights)
        if "kernel" in weights:
            # An untied decoder has a bias of its own, with the same values.
            weights["decoder/bias"] = weights["bias"]
        tensors |= by_their_names(
            weights,
            HUGGING_FACE,
            attention_heads=attention_heads,
            head=CLASSIFIER if head in _CLASSIFIERS else head,
        )
    return tensors
