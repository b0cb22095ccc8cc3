"""Pin: `#sha256=` and 64 digits at the end of a handle.

For an archive it is the digest of the downloaded file, as `sha256sum` prints
it. For several files it is the digest of what `sha256sum` prints for them in
the order of their names, so that vocabulary and settings are pinned as well as
the weights.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from bert_keras.digests import file_digest
from bert_keras.handles.errors import HandleError

_PIN = re.compile(r"(.*?)#sha256=(.*)", re.DOTALL | re.IGNORECASE)


def split_pin(handle: str) -> tuple[str, str | None]:
    """Splits a handle into itself and its pin.

    Raises:
        HandleError: If the pin is not 64 hexadecimal digits.

    Example:
        >>> split_pin("hf://owner/name")
        ('hf://owner/name', None)
    """
    match = _PIN.fullmatch(handle)
    if match is None:
        if "://" in handle and "#" in handle:
            raise HandleError(
                "Expected #sha256= and 64 hexadecimal digits, or nothing "
                f"after #. Received: {handle!r}"
            )
        return handle, None
    pin = match[2].lower()
    if not re.fullmatch("[0-9a-f]{64}", pin):
        raise HandleError(
            "Expected 64 hexadecimal digits after #sha256=. Received: "
            f"{match[2]!r}, {len(pin)} characters. `bert-keras inspect` "
            "prints them."
        )
    return match[1], pin


def require_digest(handle: str, pin: str | None, digest: str) -> None:
    """Raises if a handle is pinned to another digest."""
    if pin is not None and pin != digest:
        raise HandleError(
            f"{handle} does not match its pin. Expected sha256 {pin}. "
            f"Received: {digest}. Either it has changed, or the pin is of "
            "another version. None of it was opened."
        )


def folder_digest(folder: Path, names: Iterable[str] | None = None) -> str:
    """Returns one digest of several files.

    Args:
        folder: Where they are.
        names: Their paths inside it; by default all files, except those whose
            name, or whose folder's name, starts with a dot.

    Returns:
        The SHA-256 of a line for each file, in the order of their names: its
        own SHA-256, two spaces, its path, a line feed.
    """
    if names is None:
        names = (
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file()
        )
        names = (name for name in names if "/." not in f"/{name}")
    total = hashlib.sha256()
    for name in sorted(names):
        total.update(f"{file_digest(folder / name)}  {name}\n".encode())
    return total.hexdigest()
