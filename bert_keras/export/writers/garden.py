"""The Model Garden: a TF2 checkpoint that its `BertEncoderV2` restores.

    encoder = official.nlp.modeling.networks.BertEncoderV2(...)
    tf.train.Checkpoint(encoder=encoder).restore("OUT/bert_model.ckpt")

The Garden is not needed to write one: a checkpoint is its tensors by their
paths in a tree of objects, and a description of that tree.
"""

from pathlib import Path

import numpy as np

from bert_keras.checkpoints import Contents
from bert_keras.checkpoints.name_maps import by_their_names
from bert_keras.checkpoints.name_maps.garden import ENCODER, object_path
from bert_keras.checkpoints.readers.garden import DEFAULTS
from bert_keras.export.writers.errors import ConversionError
from bert_keras.export.writers.files import write_json, write_vocabulary
from bert_keras.export.writers.object_graph import describe_objects
from bert_keras.export.writers.tensorflow_file import write_checkpoint
from bert_keras.export.writers.tf1 import bert_config

_KEY = "/.ATTRIBUTES/VARIABLE_VALUE"
# What the encoder is called by whoever restores it, and its own name.
_ROOT = "encoder"
_NAME = "bert_encoder_v2"
_COUNTER = "save_counter"


def write_garden(contents: Contents, folder: Path) -> None:
    """Writes an encoder for the Model Garden.

    Args:
        contents: The model. Its activation stands in `bert_config.json`, and
            is an argument of `BertEncoderV2`: exact GELU has to be given.
        folder: Empty.

    Raises:
        ConversionError: If `BertEncoderV2` computes something else.
    """
    _check(contents)
    named = by_their_names(
        contents.tensors,
        ENCODER,
        attention_heads=contents.config.num_attention_heads,
    )
    paths = {name: f"{_ROOT}/{object_path(name)}" for name in named}
    tensors = {paths[name] + _KEY: values for name, values in named.items()}
    names = {paths[name]: f"{_NAME}/{name}" for name in named}
    # `restore` wants the number of saves back.
    graph = describe_objects(names | {_COUNTER: _COUNTER}, key=_KEY)
    write_checkpoint(
        folder / "bert_model.ckpt",
        tensors | {_COUNTER + _KEY: np.int64(1)} | graph,
    )
    write_json(folder / "bert_config.json", bert_config(contents.config))
    write_vocabulary(contents, folder)


def _check(contents: Contents) -> None:
    config, epsilon = contents.config, DEFAULTS["layer_norm_eps"]
    differing = []
    if config.layer_norm_eps != epsilon:
        differing.append(f"layer_norm_eps={config.layer_norm_eps}")
    if "pooler/kernel" not in contents.tensors:
        differing.append("no pooler")
    if differing:
        raise ConversionError(
            "Expected what the Model Garden's BertEncoderV2 computes: "
            f"normalization with {epsilon}, and a pooler. Received: "
            f"{', '.join(differing)}. The Garden would answer otherwise: "
            "choose another format, such as bert_keras."
        )
