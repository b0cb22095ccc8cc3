"""Files that are either complete or absent."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Gives a temporary path that takes the name `path` at the end.

    A reader sees the old file or the whole new one, never a half: the
    temporary file lies in the same folder, so the rename is one step. Missing
    folders are made. After an error the old file stands as it was.

    Example:
        >>> with replacing("runs/notes.txt") as temporary:
        ...     temporary.write_text("done")
        4
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A folder, not `mkstemp`, whose files only their owner may read.
    with tempfile.TemporaryDirectory(
        dir=path.parent, prefix=f".{path.name}."
    ) as folder:
        temporary = Path(folder) / path.name
        try:
            yield temporary
        except OSError as error:
            # A write that fails for want of space does not name its file.
            if error.errno and not error.filename:
                error.filename = str(path)
            raise
        os.replace(temporary, path)
