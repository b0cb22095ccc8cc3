"""Parts of a model that a format may not be able to hold.

| part | what it is |
|---|---|
| a name in `Contents.heads` | that head |
| `labels` | names of a classifier's classes |
| `problem_type` | that a classifier has several labels, or gives a score |
| `pooling` | that a classifier reads something other than [CLS] |
| `windows` | that texts longer than a sequence are read in windows |
| `sentence` | how a text becomes one vector |
| `positions` | that positions are computed, not learned |
| `steps` | steps of sentence-transformers whose weights are not read |
"""

import dataclasses
import logging
from collections.abc import Set

from bert_keras.checkpoints import (
    Contents,
    RestoreError,
    encoder_shapes,
)
from bert_keras.export.writers.errors import ConversionError

logger = logging.getLogger(__name__)

_CLASSIFIERS = ("sequence_classifier", "token_classifier")
_STEPS = {"Transformer", "Pooling", "Normalize"}
_SINGLE = "single_label_classification"


def named_labels(contents: Contents) -> tuple[str, ...]:
    """Returns the labels of a classifier, unless they are `LABEL_0` etc."""
    if not any(head in contents.heads for head in _CLASSIFIERS):
        return ()
    numbers = tuple(f"LABEL_{i}" for i in range(len(contents.labels)))
    return () if contents.labels == numbers else contents.labels


def without_lost_parts(
    contents: Contents, parts: Set[str] | None, name: str
) -> Contents:
    """Checks that a format can hold all parts of a model.

    Args:
        contents: The model.
        parts: Parts that the format can hold; `None` for all but `steps`,
            which are not read.
        name: Name of the format.

    Returns:
        The model, without labels and problem type if the format has none and
        they say nothing.

    Raises:
        ConversionError: If a part would be lost; says what to do.
    """
    found = _parts(contents)
    if parts is None:
        parts = {*found, "labels", "problem_type"} - {"steps"}
    lost = {part: text for part, text in found.items() if part not in parts}
    if "positions" in lost:
        raise ConversionError(
            f"Expected learned positions, the only ones in --format {name}. "
            f"Received: {lost['positions']}. Try --format bert_keras."
        )
    if lost:
        raise ConversionError(
            f"Expected only what --format {name} can hold. Received: "
            f"{', '.join(lost.values())}. Try --without-heads, which leaves "
            "all heads out, or --format bert_keras, which keeps them."
        )
    # Those that say something are held: these say nothing.
    return dataclasses.replace(
        contents,
        labels=contents.labels if "labels" in parts else (),
        problem_type=(
            contents.problem_type if "problem_type" in parts else None
        ),
    )


def _parts(contents: Contents) -> dict[str, str]:
    """Returns the parts of a model, as messages name them."""
    parts = {head: f"the head {head}" for head in contents.heads}
    if labels := named_labels(contents):
        parts["labels"] = f"{len(labels)} label names"
    ordinary = contents.problem_type in (None, _SINGLE)
    if "sequence_classifier" in contents.heads and not ordinary:
        parts["problem_type"] = f"problem_type={contents.problem_type!r}"
    if "sequence_classifier" in contents.heads and contents.pooling != "cls":
        parts["pooling"] = f"a classifier with pooling={contents.pooling!r}"
    if contents.windows:
        parts["windows"] = f"windows={contents.windows['windows']!r}"
    if contents.sentence is not None:
        parts["sentence"] = "how a text becomes one vector"
        known = {"Dense"} if "embedding" in contents.heads else set()
        if steps := set(contents.sentence.steps) - _STEPS - known:
            parts["steps"] = f"the weights of {', '.join(sorted(steps))}"
    kind = contents.require_config().position_embedding_type
    if kind != "absolute":
        parts["positions"] = f"position_embedding_type={kind!r}"
    return parts


def without_all_heads(contents: Contents) -> Contents:
    """Returns the encoder and its tokenizer; a warning names the rest."""
    left_out = [*contents.heads, *(["sentence"] if contents.sentence else [])]
    if left_out:
        logger.warning("Not in the copy: %s.", ", ".join(left_out))
    return dataclasses.replace(
        contents,
        heads={},
        labels=(),
        problem_type=None,
        pooling="cls",
        windows={},
        sentence=None,
    )


def with_word_length(contents: Contents, limit: int | None) -> Contents:
    """Returns the model with a format's own limit of a word's length.

    It only matters for extremely long words; a warning reports the change.
    """
    config = contents.tokenizer
    if limit is None or config is None or config.max_word_length == limit:
        return contents
    logger.warning(
        "The format turns words of more than %d characters into %s; this model "
        "does so for more than %d.",
        limit,
        config.unk_token,
        config.max_word_length,
    )
    return dataclasses.replace(
        contents, tokenizer=dataclasses.replace(config, max_word_length=limit)
    )


def check_weights(contents: Contents) -> None:
    """Checks that the weights are those of an encoder, and no others.

    Raises:
        CheckpointError: If it is not an encoder of BERT's own architecture.
        RestoreError: If weights are missing, unknown or of another shape.
    """
    shapes = encoder_shapes(contents.require_config())
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
        lines = [
            f"The weights of {contents.source} are not those of its "
            "configuration; nothing was written.",
            *problems[:20],
        ]
        raise RestoreError("\n  ".join(lines))


def _missing(shapes: dict, contents: Contents) -> list[str]:
    missing = [name for name in shapes if name not in contents.tensors]
    pooler = [name for name in missing if name.startswith("pooler/")]
    # Masked language models have no pooler; half of one is an error.
    return missing[:-2] if len(pooler) == 2 else missing
