"""Local: a folder or a file that is here already."""

import os
import re
from pathlib import Path

from bert_keras.handles.errors import HandleError
from bert_keras.handles.listing import what_is_there

_HUB_NAME = re.compile(r"([\w-][\w.-]*/)?[\w-][\w.-]*")


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
            f"No file or folder has the name {handle!r}. "
            + what_is_there(path)
            + _hub_advice(handle)
        )
    return path


def _hub_advice(handle: str) -> str:
    """Returns how to name a model of the hub, if that may be what is meant.

    Example:
        >>> _hub_advice("bert-base-uncased")
        " For a model of Hugging Face's hub write hf://owner/name, such as \
hf://google-bert/bert-base-uncased"
    """
    owner = Path(handle).parent
    if not _HUB_NAME.fullmatch(handle) or (owner.name and owner.exists()):
        return ""
    hub = "For a model of Hugging Face's hub write hf://"
    if owner.name:
        return f" {hub}{handle}"
    return f" {hub}owner/name, such as hf://google-bert/bert-base-uncased"
