"""The Model Garden: a TF2 checkpoint that its `BertEncoderV2` restores.

    encoder = official.nlp.modeling.networks.BertEncoderV2(...)
    tf.train.Checkpoint(encoder=encoder).restore("OUT/bert_model.ckpt")

The head of a masked language model is where `BertPretrainerV2` looks for it:

    pretrainer = official.nlp.modeling.models.BertPretrainerV2(encoder, ...)
    items = pretrainer.checkpoint_items
    tf.train.Checkpoint(**items).restore("OUT/bert_model.ckpt")

The Garden is not needed for writing: a checkpoint consists of tensors by their
paths in a tree of objects, and a description of that tree.
"""

from pathlib import Path

import numpy as np

from bert_keras.checkpoints import Contents
from bert_keras.checkpoints.name_maps import by_their_names
from bert_keras.checkpoints.name_maps.garden import GARDEN, object_path
from bert_keras.checkpoints.readers.garden import DEFAULTS
from bert_keras.config import BertConfig
from bert_keras.export.writers.errors import ConversionError
from bert_keras.export.writers.files import write_json, write_vocabulary
from bert_keras.export.writers.object_graph import describe_objects
from bert_keras.export.writers.tensorflow_file import write_checkpoint
from bert_keras.export.writers.tf1 import bert_config

_KEY = "/.ATTRIBUTES/VARIABLE_VALUE"
# The names by which encoder and head are restored.
_ENCODER = "encoder"
_MASKED_LM = "masked_lm"
_COUNTER = "save_counter"


def write_garden(contents: Contents, folder: Path) -> None:
    """Writes an encoder, and its masked language model's head, if it has one.

    Args:
        contents: The model. Its activation is in `bert_config.json`, and has to
            be given to `BertEncoderV2` if it is exact GELU.
        folder: Empty.

    Raises:
        ConversionError: If the Garden's code computes something else.
    """
    config = contents.require_config()
    _check(contents, config)
    parts = {_ENCODER: ("", contents.tensors)}
    if _MASKED_LM in contents.heads:
        parts[_MASKED_LM] = (_MASKED_LM, contents.heads[_MASKED_LM])
    names, tensors = {_COUNTER: _COUNTER}, {}
    for root, (head, part) in parts.items():
        named = by_their_names(
            part,
            GARDEN,
            attention_heads=config.num_attention_heads,
            head=head,
        )
        paths = {f"{root}/{object_path(name)}": name for name in named}
        names |= paths
        tensors |= {path + _KEY: named[name] for path, name in paths.items()}
    # `restore` requires the number of saves.
    tensors[_COUNTER + _KEY] = np.int64(1)
    write_checkpoint(
        folder / "bert_model.ckpt",
        tensors | describe_objects(names, key=_KEY),
    )
    write_json(folder / "bert_config.json", bert_config(config))
    write_vocabulary(contents, folder)


def _check(contents: Contents, config: BertConfig) -> None:
    epsilon = DEFAULTS["layer_norm_eps"]
    differing = []
    if config.layer_norm_eps != epsilon:
        differing.append(f"layer_norm_eps={config.layer_norm_eps}")
    if "pooler/kernel" not in contents.tensors:
        differing.append("no pooler")
    if "kernel" in contents.heads.get(_MASKED_LM, {}):
        differing.append("an untied masked language model")
    if differing:
        raise ConversionError(
            "Expected what the Model Garden's BertEncoderV2 computes: "
            f"an epsilon of {epsilon}, a pooler, and a masked language model "
            f"tied to the word table. Received: {', '.join(differing)}. The "
            "Garden would give other answers: choose another format, such as "
            "bert_keras."
        )
