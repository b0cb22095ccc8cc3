"""Same: compares a written model with the original, value by value."""

import logging
from collections.abc import Mapping

import numpy as np

from bert_keras.checkpoints import Contents, WeightsError
from bert_keras.config import BertConfig, TokenizerConfig
from bert_keras.export.model_parts import named_labels
from bert_keras.export.writers.errors import ConversionError

logger = logging.getLogger(__name__)

# Settings that only matter for training.
ONLY_TRAINING = (
    "attention_probs_dropout_prob",
    "hidden_dropout_prob",
    "initializer_range",
    "pad_token_id",
)


def check_same(contents: Contents, written: Contents) -> None:
    """Compares a model with what was written of it.

    Args:
        contents: The model.
        written: The model that was read from the written files.

    Raises:
        WeightsError: If a weight is not finite.
        ConversionError: If anything differs; weights are compared bit for bit,
            as float32.
    """
    differing = [
        *_tensors(contents.tensors, written.tensors),
        *_heads(contents, written),
        *(
            name
            for name, value in _facts(contents).items()
            if _facts(written)[name] != value
        ),
    ]
    if differing:
        raise ConversionError(
            "Expected the written model to equal the original. Differing: "
            f"{', '.join(differing[:10])}. The copy was removed; please report "
            "this, with the handle."
        )
    _report_training(contents.require_config(), written.require_config())


def _facts(contents: Contents) -> dict:
    config, sentence = contents.require_config(), contents.sentence
    return {
        **_architecture(config),
        "vocabulary": contents.vocabulary,
        "tokenizer": contents.vocabulary and _tokenizer(contents.tokenizer),
        "labels": named_labels(contents),
        "problem_type": contents.problem_type,
        "pooling": contents.pooling,
        "windows": dict(contents.windows),
        "sentence": sentence
        and (
            sentence.pooling,
            sentence.normalize,
            sentence.activation,
            sentence.max_length or config.max_position_embeddings,
        ),
    }


def _architecture(config: BertConfig) -> dict:
    values = config.to_dict()
    # Two names of one function.
    if values["hidden_act"] == "gelu_pytorch_tanh":
        values["hidden_act"] = "gelu_new"
    return {k: v for k, v in values.items() if k not in ONLY_TRAINING}


def _tokenizer(config: TokenizerConfig | None) -> dict | None:
    return config and config.to_dict() | {
        "strip_accents": config.strips_accents
    }


def _report_training(config: BertConfig, written: BertConfig) -> None:
    changed = [
        f"{name}={getattr(config, name)} ({getattr(written, name)} there)"
        for name in ONLY_TRAINING
        if getattr(config, name) != getattr(written, name)
    ]
    if changed:
        logger.warning(
            "The format cannot hold %s. Answers stay the same; set them again "
            "to train the copy.",
            ", ".join(changed),
        )


def _heads(contents: Contents, written: Contents) -> list[str]:
    heads = sorted({*contents.heads, *written.heads})
    return [
        f"{head}/{name}"
        for head in heads
        for name in _tensors(
            contents.heads.get(head, {}), written.heads.get(head, {})
        )
    ]


def _tensors(ours: Mapping, theirs: Mapping) -> list[str]:
    differing = sorted(set(ours) ^ set(theirs))
    for name in sorted(set(ours) & set(theirs)):
        values = np.asarray(ours[name])
        if not np.isfinite(values).all():
            raise WeightsError(
                f"{ours[name].name}: Expected finite numbers. Received NaN or "
                "infinity: this model cannot answer. Nothing was written."
            )
        # Bits, since 0.0 == -0.0.
        copy = np.asarray(theirs[name])
        if values.shape != copy.shape or values.tobytes() != copy.tobytes():
            differing.append(name)
    return differing
