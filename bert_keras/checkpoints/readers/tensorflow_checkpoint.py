"""Tensors of a TensorFlow checkpoint: `NAME.index` and `NAME.data-*`.

TF1 keys are names of variables. A TF2 checkpoint has a graph of objects: its
keys are paths in it, and the graph has each variable's own name.
"""

import dataclasses
import functools
import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from bert_keras.checkpoints.errors import CheckpointError, WeightsError
from bert_keras.checkpoints.tensors import FLOATS, StoredTensor
from bert_keras.handles import shortened

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_PART = re.compile(r"\.(index|data-\d{5}-of-\d{5})$")
_STATE = re.compile(r'^model_checkpoint_path: "(.*)"', re.MULTILINE)
# What TensorFlow raises here besides its own errors.
_DAMAGED = (IndexError, RuntimeError, ValueError)
_SIZES = {"bfloat16": 2, "bool": 1}
# An optimizer's slots have the names and shapes of weights.
_OPTIMIZER = re.compile(r"(^|/|_)optimizer/|\.OPTIMIZER_SLOT/")


def find_checkpoint(path: Path) -> Path:
    """Returns the prefix of a checkpoint's files.

    Args:
        path: A file of the checkpoint, or a folder with one checkpoint. Of
            several, the last one is taken, which the file `checkpoint` names.

    Raises:
        CheckpointError: If the folder has none, or several of which none is
            named as the last.

    Example:
        >>> find_checkpoint(Path("bert/bert_model.ckpt.index")).as_posix()
        'bert/bert_model.ckpt'
    """
    if _PART.search(path.name):
        return path.with_name(_PART.sub("", path.name))
    folder = path if path.is_dir() else path.parent
    names = sorted(file.stem for file in folder.glob("*.index"))
    state = folder / "checkpoint"
    if state.is_file():
        last = _STATE.search(state.read_text(encoding="utf-8"))
        # Often a path of another machine.
        if last and Path(last[1]).name in names:
            return folder / Path(last[1]).name
    if len(names) != 1:
        raise CheckpointError(
            f"Expected one checkpoint in {folder}. Received: "
            f"{shortened(names) or 'none'}. Give the file NAME.index of one "
            "instead of the folder."
        )
    return folder / names[0]


def checkpoint_files(prefix: Path) -> tuple[Path, ...]:
    """Returns the index and all data files.

    Raises:
        WeightsError: If one of them is missing.
    """
    index = prefix.with_name(prefix.name + ".index")
    shards = sorted(prefix.parent.glob(f"{prefix.name}.data-*-of-*"))
    count = int(shards[0].name.rpartition("-of-")[2]) if shards else 1
    expected = [
        prefix.with_name(f"{prefix.name}.data-{i:05}-of-{count:05}")
        for i in range(count)
    ]
    missing = [file.name for file in [index, *expected] if not file.is_file()]
    if missing:
        raise WeightsError(
            f"{prefix}: Expected all files of the checkpoint. Missing: "
            f"{shortened(missing)}. Copy them into {prefix.parent}"
        )
    return (index, *expected)


def list_checkpoint(prefix: Path) -> dict[str, StoredTensor]:
    """Reads names and shapes of a checkpoint; strings are left out.

    Args:
        prefix: Prefix of its files, from `find_checkpoint`.

    Raises:
        WeightsError: If files are missing or truncated.
    """
    files = checkpoint_files(prefix)
    reader = _open(prefix)
    dtypes = reader.get_variable_to_dtype_map()
    tensors = {
        name: StoredTensor(
            name,
            tuple(shape),
            functools.partial(_read, reader, name, prefix),
            dtype=dtypes[name].name,
        )
        for name, shape in reader.get_variable_to_shape_map().items()
        if dtypes[name].name != "string"
    }
    expected = sum(_bytes(tensor) for tensor in tensors.values())
    received = sum(file.stat().st_size for file in files[1:])
    if received < expected:
        raise WeightsError(
            f"{prefix}: Expected at least {expected:,} bytes of values. "
            f"Received: {received:,}. A file is truncated: copy it again."
        )
    return dict(sorted(tensors.items()))


def list_objects(prefix: Path) -> dict[str, StoredTensor]:
    """Reads the weights of a TF2 checkpoint by the names of its variables.

    Optimizers, counters and settings are left out; no weight is a scalar.

    Args:
        prefix: As in `list_checkpoint`.

    Raises:
        WeightsError: If the files are damaged, or have no graph of objects.
    """
    stored = list_checkpoint(prefix)
    named: dict[str, StoredTensor] = {}
    for key, name in _variables(prefix).items():
        tensor = stored.get(key)
        if (
            tensor is None
            or not tensor.shape
            or tensor.dtype not in FLOATS
            or _OPTIMIZER.search(key)
        ):
            continue
        # Of two variables of one name, the second is named by its key.
        name = name if name not in named else key
        named[name] = dataclasses.replace(tensor, name=name)
    return named


def _variables(prefix: Path) -> dict[str, str]:
    """Returns each variable's own name by its key."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import (
        TrackableObjectGraph,
    )

    try:
        message = _read(_open(prefix), OBJECT_GRAPH, prefix)
        graph = TrackableObjectGraph.FromString(message)
    except DecodeError as error:
        raise WeightsError(
            f"{prefix}: Expected a graph of objects. Received: {error}"
        ) from error
    return {
        attribute.checkpoint_key: attribute.full_name
        or attribute.checkpoint_key
        for node in graph.nodes
        for attribute in node.attributes
    }


def _open(prefix: Path):
    import tensorflow as tf

    try:
        return tf.train.load_checkpoint(str(prefix))
    except (tf.errors.OpError, *_DAMAGED) as error:
        raise _damaged(prefix, error) from error


def _read(reader, name: str, prefix: Path) -> Any:
    """Returns a tensor as an array; of a single string its bytes."""
    import tensorflow as tf

    try:
        return reader.get_tensor(name)
    except (tf.errors.OpError, *_DAMAGED) as error:
        raise _damaged(prefix, error) from error


def _damaged(prefix: Path, error: Exception) -> WeightsError:
    return WeightsError(
        f"{prefix}: Expected a complete TensorFlow checkpoint. Received a "
        f"damaged one: {str(error).splitlines()[0]} Copy its files again."
    )


def _bytes(tensor: StoredTensor) -> int:
    size = _SIZES.get(tensor.dtype)
    if size is None:
        size = np.dtype(tensor.dtype).itemsize
    return size * math.prod(tensor.shape)
