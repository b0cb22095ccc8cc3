"""Write a SavedModel, without log output, with errors that name the cause."""

from collections.abc import Mapping
from pathlib import Path


def save_module(
    module, folder: Path, signatures: Mapping | None = None
) -> None:
    """Writes a module of TensorFlow as a SavedModel.

    Args:
        module: Has variables, tables and functions.
        folder: The folder to write; created if it is missing.
        signatures: Concrete functions by name.

    Raises:
        OSError: If the folder cannot be written.
    """
    # Imported here: writers of weights alone need no TensorFlow.
    import tensorflow as tf

    logger = tf.get_logger()
    level = logger.level
    # TensorFlow would log the unfinished folder's name.
    logger.setLevel("WARNING")
    try:
        tf.saved_model.save(module, str(folder), signatures=signatures)
    except tf.errors.OpError as error:
        # TensorFlow reports a full disk or a missing permission as one of its
        # own errors; elsewhere these are an OSError.
        raise OSError(
            f"Expected to write a SavedModel into {folder.parent}. Received: "
            f"{error.message}. Check its permissions and the space left; "
            "nothing was published."
        ) from error
    finally:
        logger.setLevel(level)
