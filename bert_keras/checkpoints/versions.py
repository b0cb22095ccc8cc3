"""Versions: `saved_models/NAME` stands for the newest of `1`, `2`, ..."""

from pathlib import Path

from bert_keras import contract


def newest_version(path: Path) -> Path:
    """Returns the newest exported version in a folder of them.

    Args:
        path: A folder of versions; any other path is returned unchanged.
    """
    versions = [
        int(folder.name)
        for folder in (path.iterdir() if path.is_dir() else ())
        if folder.name.isdecimal()
        and (folder / contract.EXPORT_MANIFEST).is_file()
    ]
    return path / str(max(versions)) if versions else path
