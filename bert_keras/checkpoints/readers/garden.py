"""The Model Garden: TF2 checkpoints of `BertEncoder` and its pretrainers.

    tf.train.Checkpoint(encoder=encoder).save("folder/ckpt")

The shapes of the weights determine sizes and heads. Activation, epsilon and
dropout are in none of the checkpoint's files: they are read from a
configuration beside it (see `CONFIGS`), or else are the Garden's defaults.
"""

from pathlib import Path
from typing import Any

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.name_maps import Named, by_our_names
from bert_keras.checkpoints.name_maps.garden import (
    CLASSIFICATION,
    GARDEN,
    PREFIX,
)
from bert_keras.checkpoints.readers.inferred_config import sizes_of
from bert_keras.checkpoints.readers.tensorflow_checkpoint import (
    checkpoint_files,
    find_checkpoint,
    list_objects,
)
from bert_keras.checkpoints.readers.tensorflow_config import (
    read_encoder_settings,
)
from bert_keras.checkpoints.readers.tf1 import read_vocabulary
from bert_keras.config import BertConfig

# The first that exists is read. A training of the Garden writes `params.yaml`.
CONFIGS = (
    "bert_config.json",
    "encoder_config.json",
    "config.json",
    "params.json",
    "params.yaml",
)
# The defaults of the Garden's encoders.
DEFAULTS: dict[str, Any] = {"hidden_act": "gelu_new", "layer_norm_eps": 1e-12}


def read_garden(path: Path) -> Contents:
    """Reads a checkpoint of an encoder, or of a pretrainer around it.

    Args:
        path: The folder, or the index of a checkpoint in it.

    Raises:
        CheckpointError: If it is not of a BERT encoder, or the configuration
            beside it is of another model.
        WeightsError: If the checkpoint is damaged.
    """
    prefix = find_checkpoint(path)
    named = read_weights(prefix)
    config, notes = _config(prefix, named)
    vocabulary = read_vocabulary(prefix.parent)
    notes += vocabulary.pop("notes", ())
    return Contents(
        format="garden",
        folder=prefix.parent,
        config=config,
        tensors=named.encoder,
        weights=checkpoint_files(prefix),
        heads=heads_of(named),
        unknown=named.unknown,
        notes=notes,
        **vocabulary,
    )


def read_weights(prefix: Path) -> Named:
    """Reads weights by our names; see `list_objects`."""
    return by_our_names(
        list_objects(prefix), GARDEN, source=prefix, prefix=PREFIX
    )


def heads_of(named: Named) -> dict[str, dict]:
    """Returns the heads by the names that `Contents` has for them.

    The Garden uses "classification" both for the dense layer of a classifier
    and, in a `BertPretrainer`, for that of next-sentence prediction.
    """
    heads = dict(named.heads)
    if CLASSIFICATION in heads and "masked_lm" in heads:
        heads["next_sentence"] = heads.pop(CLASSIFICATION)
    return heads


def _config(prefix: Path, named: Named) -> tuple[BertConfig, tuple[str, ...]]:
    sizes = sizes_of(named.encoder, source=prefix)
    path = next(
        (
            prefix.parent / name
            for name in CONFIGS
            if (prefix.parent / name).is_file()
        ),
        None,
    )
    settings = read_encoder_settings(path) if path else {}
    differing = [
        f"{name}: {settings[name]} in the file, {size} in the checkpoint"
        for name, size in sizes.items()
        if settings.get(name, size) != size
    ]
    if differing:
        raise CheckpointError(
            f"{path}: Expected the configuration of {prefix.name}. Received: "
            f"that of another model: {'; '.join(differing)}"
        )
    notes = tuple(
        f"{name}={value}, the Model Garden's default: no configuration beside "
        "the checkpoint sets it."
        for name, value in DEFAULTS.items()
        if name not in settings
    )
    values: dict[str, Any] = DEFAULTS | settings | sizes
    return BertConfig(**values), notes
