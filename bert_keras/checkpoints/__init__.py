"""Checkpoints: pretrained weights of any origin, found, read and restored.

handle -> `handles` -> folder -> `read` -> one of `readers`, with its table of
`name_maps` -> `Contents` -> `restore` -> encoder

Importing this package does not import TensorFlow. The writers in `export` also
import `readers` and `name_maps`, since a format's file names and table of names
are written down once.
"""

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.describe import describe
from bert_keras.checkpoints.errors import CheckpointError, WeightsError
from bert_keras.checkpoints.formats import find_format
from bert_keras.checkpoints.head_settings import HeadSettings
from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.load import (
    DEFAULT_MAX_LENGTH,
    encoder_from,
    load_encoder,
    load_preprocessor,
    preprocessor_from,
)
from bert_keras.checkpoints.read import read_checkpoint
from bert_keras.checkpoints.readers.bert_keras import list_export
from bert_keras.checkpoints.readers.safetensors_file import list_safetensors
from bert_keras.checkpoints.readers.sentence_dense import DENSE_ACTIVATIONS
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.checkpoints.restore import (
    RestoreError,
    require_shapes,
    restore,
)
from bert_keras.checkpoints.shapes import encoder_shapes
from bert_keras.checkpoints.tensor_file import read_tensors, write_tensors
from bert_keras.checkpoints.tensors import StoredTensor
from bert_keras.checkpoints.versions import newest_version

__all__ = [
    "DEFAULT_MAX_LENGTH",
    "DENSE_ACTIVATIONS",
    "CheckpointError",
    "Contents",
    "HeadSettings",
    "RestoreError",
    "SentenceSettings",
    "StoredTensor",
    "WeightsError",
    "describe",
    "encoder_from",
    "encoder_shapes",
    "find_format",
    "list_export",
    "list_safetensors",
    "load_encoder",
    "load_preprocessor",
    "newest_version",
    "preprocessor_from",
    "read_checkpoint",
    "read_json",
    "read_tensors",
    "require_shapes",
    "restore",
    "write_tensors",
]
