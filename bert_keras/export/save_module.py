"""Write a SavedModel, quietly, with errors that name the cause."""

from collections.abc import Mapping
from pathlib import Path


def save_module(
    module, folder: Path, signatures: Mapping | None = None
) -> None:
    """Writes a module of TensorFlow as a SavedModel.

    Args:
        module: Holds variables, tables and functions.
        folder: Where to; made if it is missing.
        signatures: Concrete functions by name.

    Raises:
        OSError: If the folder cannot be written.
    """
    # Imported here: what writes weights alone needs no TensorFlow.
    import tensorflow as tf

    logger = tf.get_logger()
    level = logger.level
    # TensorFlow would announce the unfinished folder's name.
    logger.setLevel("WARNING")
    try:
        tf.saved_model.save(module, str(folder), signatures=signatures)
    except tf.errors.OpError as error:
        # TensorFlow reports a full disk or a missing permission as one of its
        # own errors; to everybody else these are errors of the system.
        raise OSError(
            f"Expected to write a SavedModel into {folder.parent}. Received: "
            f"{error.message}. Check its permissions and the space left; "
            "nothing was published."
        ) from error
    finally:
        logger.setLevel(level)
