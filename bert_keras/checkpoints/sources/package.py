"""Package: files of an installed Python package, `pkg://package/path`."""

import importlib.util
from pathlib import Path

from bert_keras.checkpoints.errors import HandleError
from bert_keras.checkpoints.listing import what_is_there


def package_path(handle: str) -> Path:
    """Returns the place of a package's file, without importing the package.

    Args:
        handle: `pkg://package/path`, with the name that Python imports.

    Raises:
        HandleError: If there is no such package, or no such path in it.
    """
    name, _, inside = handle.partition("://")[2].partition("/")
    if ".." in Path(inside).parts:
        raise HandleError(
            f"Expected a path inside the package. Received: {handle!r}"
        )
    candidates = [root / inside for root in _package_folders(name)]
    for path in candidates:
        if path.exists():
            return path
    raise HandleError(
        f"The package {name!r} holds no {inside!r}. "
        + what_is_there(candidates[0])
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
