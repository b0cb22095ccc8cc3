"""Local: a folder or a file on this machine."""

import os
import re
from pathlib import Path

from bert_keras.handles.errors import HandleError
from bert_keras.handles.listing import explain_missing

_HUB_NAME = re.compile(r"([\w-][\w.-]*/)?[\w-][\w.-]*")


def local_path(handle: str) -> Path:
    """Returns the path itself; `~` is the home folder.

    Raises:
        HandleError: If the path does not exist.
    """
    if not handle:
        raise HandleError("Expected a folder, a file or a handle. Received: ''")
    # Path.expanduser would raise if "~name" has no home folder.
    path = Path(os.path.expanduser(handle))
    if not path.exists():
        raise HandleError(
            f"No file or folder has the name {handle!r}. "
            + explain_missing(path)
            + _hub_advice(handle)
        )
    return path


def _hub_advice(handle: str) -> str:
    """Returns how to write a model of the hub, if that may be meant.

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
