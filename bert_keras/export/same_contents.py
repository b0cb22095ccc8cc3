"""Same: what was written says what was read, value by value."""

from collections.abc import Mapping

import numpy as np

from bert_keras.checkpoints import Contents, WeightsError
from bert_keras.export.writers.errors import ConversionError


def check_same(contents: Contents, written: Contents) -> None:
    """Compares two descriptions of one model.

    Args:
        contents: What was to be written.
        written: What was read of the files.

    Raises:
        WeightsError: If a weight is not finite.
        ConversionError: If anything differs: weights bit for bit as float32.
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
            "Expected to read what was written. Differing: "
            f"{', '.join(differing[:10])}. Nothing was kept; please report "
            "this, with the handle."
        )


def _facts(contents: Contents) -> dict:
    sentence = contents.sentence
    facts = {
        "architecture": contents.config,
        "vocabulary": contents.vocabulary,
        "tokenizer": contents.tokenizer,
        "labels": contents.labels,
        "problem": contents.problem,
        "pooling": contents.pooling,
        "sentence": sentence
        and (sentence.pooling, sentence.normalize, sentence.max_length),
    }
    return facts


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
