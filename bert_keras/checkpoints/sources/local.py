"""Local: a folder or a file that is here already."""

import os
from pathlib import Path

from bert_keras.checkpoints.errors import HandleError
from bert_keras.checkpoints.listing import what_is_there


def local_path(handle: str) -> Path:
    """Returns a path as it is; `~` is the home folder.

    Raises:
        HandleError: If nothing has that name.
    """
    if not handle:
        raise HandleError("Expected a folder, a file or a handle. Received: ''")
    # Path.expanduser would raise where "~" names nobody's home.
    path = Path(os.path.expanduser(handle))
    if not path.exists():
        raise HandleError(
            f"No file or folder has the name {handle!r}. " + what_is_there(path)
        )
    return path
