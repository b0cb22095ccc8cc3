"""Listing: what a folder contains, for messages."""

import difflib
from pathlib import Path

_LISTED = 12  # names of a folder that an error shows


def explain_missing(path: Path) -> str:
    """Says how much of a path exists, and what its last folder contains."""
    parent, missing = path.parent, path.name
    while not parent.is_dir() and parent != parent.parent:
        if parent.exists():
            return f"{str(parent)!r} is a file, not a folder."
        parent, missing = parent.parent, parent.name
    # Absolute, since "." would tell the reader nothing.
    text = f"The folder {str(parent.absolute())!r} exists"
    names = folder_listing(parent)
    if not names:
        return f"{text} and is empty."
    return f"{text} and holds: {shortened(names)}.{close_to(missing, names)}"


def close_to(missing: str, names: list[str]) -> str:
    """Returns a question that suggests names spelled like `missing`.

    Example:
        >>> close_to("vocab.text", ["config.json", "vocab.txt"])
        ' Did you mean vocab.txt?'
    """
    close = difflib.get_close_matches(missing, names, n=3)
    return f" Did you mean {' or '.join(close)}?" if close else ""


def folder_listing(folder: Path) -> list[str]:
    """Returns the sorted names in a folder; those of folders end in a slash."""
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
