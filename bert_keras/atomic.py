"""Files that are either complete or absent."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yields a temporary path, which is renamed to `path` at the end.

    A reader sees the old file or the complete new one, never a partial one:
    the temporary file is in the same folder, so the rename is atomic. Missing
    folders are created. After an error the old file is unchanged.

    Example:
        >>> with replacing("runs/notes.txt") as temporary:
        ...     temporary.write_text("done")
        4
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A folder, because only their owner may read the files of `mkstemp`.
    with tempfile.TemporaryDirectory(
        dir=path.parent, prefix=f".{path.name}."
    ) as folder:
        temporary = Path(folder) / path.name
        try:
            yield temporary
        except OSError as error:
            # The error of a write to a full disk does not name the file.
            if error.errno and not error.filename:
                error.filename = str(path)
            raise
        os.replace(temporary, path)
