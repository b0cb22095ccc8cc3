"""Parts of a model that a format may have no place for.

| part | what it is |
|---|---|
| a name in `Contents.heads` | that head |
| `labels` | names of a classifier's classes |
| `problem_type` | that a classifier has several labels, or gives a score |
| `pooling` | a classifier that reads more than the pooled output of [CLS] |
| `windows` | that texts longer than a row are read by windows |
| `sentence` | how a text becomes one vector |
| `positions` | positions that are computed, not learned |
| `steps` | steps of sentence-transformers with weights, which are not read |
"""

import dataclasses
import logging
from collections.abc import Set

from bert_keras.checkpoints import (
    CheckpointError,
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
    """Returns the labels of a classifier; `LABEL_0` and so on are no names."""
    if not any(head in contents.heads for head in _CLASSIFIERS):
        return ()
    numbers = tuple(f"LABEL_{i}" for i in range(len(contents.labels)))
    return () if contents.labels == numbers else contents.labels


def in_place(
    contents: Contents, places: Set[str] | None, name: str
) -> Contents:
    """Checks that a format has a place for all that a model is.

    Args:
        contents: The model.
        places: Parts that the format has; `None` if it has all of them but
            `steps`, which are not read.
        name: Of the format.

    Returns:
        The model, without labels where there is nothing that they name.

    Raises:
        ConversionError: If something would be lost; says what to do.
    """
    parts = _parts(contents)
    if places is None:
        places = {*parts, "labels", "problem_type"} - {"steps"}
    lost = {part: text for part, text in parts.items() if part not in places}
    if "positions" in lost:
        raise ConversionError(
            f"Expected learned positions, the only ones in --format {name}. "
            f"Received: {lost['positions']}. Try --format bert_keras."
        )
    if lost:
        raise ConversionError(
            f"Expected only what --format {name} has a place for. Received: "
            f"{', '.join(lost.values())}. Try --without-heads, which leaves "
            "all heads out, or --format bert_keras, which keeps them."
        )
    # What is left of these says nothing.
    return dataclasses.replace(
        contents,
        labels=contents.labels if "labels" in places else (),
        problem_type=contents.problem_type
        if "problem_type" in places
        else None,
    )


def _parts(contents: Contents) -> dict[str, str]:
    """The parts that this model has, as messages name them."""
    parts = {head: f"the head {head}" for head in contents.heads}
    if labels := named_labels(contents):
        parts["labels"] = f"{len(labels)} names of labels"
    if (
        "sequence_classifier" in contents.heads
        and contents.problem_type
        not in (
            None,
            _SINGLE,
        )
    ):
        parts["problem_type"] = f"problem_type={contents.problem_type!r}"
    if "sequence_classifier" in contents.heads and contents.pooling != "cls":
        parts["pooling"] = f"a classifier of pooling={contents.pooling!r}"
    if contents.windows:
        parts["windows"] = f"windows={contents.windows['windows']!r}"
    if contents.sentence is not None:
        parts["sentence"] = "how a text becomes one vector"
        known = {"Dense"} if "embedding" in contents.heads else set()
        if steps := set(contents.sentence.steps) - _STEPS - known:
            parts["steps"] = f"the weights of {', '.join(sorted(steps))}"
    if contents.config.position_embedding_type != "absolute":
        kind = contents.config.position_embedding_type
        parts["positions"] = f"position_embedding_type={kind!r}"
    return parts


def without_all_heads(contents: Contents) -> Contents:
    """Returns the encoder and its tokenizer; a warning says what is left."""
    left_out = [*contents.heads, *(["sentence"] if contents.sentence else [])]
    if left_out:
        logger.warning("Left out of the copy: %s.", ", ".join(left_out))
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
    """Returns the model with the longest word that a format's code has.

    That differs from model to model in nothing but words that are no words; a
    warning says so.
    """
    config = contents.tokenizer
    if limit is None or config is None or config.max_word_length == limit:
        return contents
    logger.warning(
        "Words of more than %d characters become %s there; here, of more than "
        "%d.",
        limit,
        config.unk_token,
        config.max_word_length,
    )
    return dataclasses.replace(
        contents, tokenizer=dataclasses.replace(config, max_word_length=limit)
    )


def check_weights(contents: Contents) -> None:
    """Checks that these weights make an encoder, with nothing left over.

    Raises:
        CheckpointError: If this is no encoder of BERT's own architecture.
        RestoreError: If weights are missing, unknown or of another shape.
    """
    if contents.config is None:
        kind = "an encoder of another architecture, which runs only as it is"
        raise CheckpointError(
            f"{contents.folder}: Expected the weights of a BERT encoder. "
            f"Received: {kind if contents.tensors else 'a preprocessor alone'}"
        )
    shapes = encoder_shapes(contents.config)
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
    # Masked language models have none; half a pooler is a damaged file.
    return missing[:-2] if len(pooler) == 2 else missing
