"""Tensors in a TensorFlow checkpoint: `NAME.index` and one `NAME.data-*`."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np


def write_checkpoint(
    prefix: Path, tensors: Mapping[str, np.ndarray | bytes]
) -> None:
    """Writes tensors by name.

    Args:
        prefix: Prefix of the files.
        tensors: Arrays, or bytes for a string.

    Raises:
        OSError: If the disk is full or the folder cannot be written.
    """
    # Imported here: other formats need no TensorFlow.
    import tensorflow as tf

    # Keys are in the order of the index.
    names = sorted(tensors)
    try:
        tf.raw_ops.SaveV2(
            prefix=str(prefix),
            tensor_names=names,
            shape_and_slices=[""] * len(names),
            tensors=[tf.constant(tensors[name]) for name in names],
        )
    except tf.errors.OpError as error:
        # TensorFlow reports a full disk as one of its own errors.
        raise OSError(
            f"Expected to write a checkpoint into {prefix.parent}. Received: "
            f"{error.message}. Check its permissions and the space left."
        ) from error
