"""Digests: whether files are still what was written.

A task's folder and an exported version list the SHA-256 of their files. Small
files are compared whenever they are loaded. Large ones are compared once for
each size and time of change, which are remembered in the cache, since reading
them takes as long as loading them.

This finds damage and mix-ups. Whoever may change a file may change its digest.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

LARGE = 16 << 20  # bytes
# For people, who may add to it.
_NOT_COMPARED = ("README.md",)


class DigestError(ValueError):
    """A file that is not the one that was written."""


def file_digest(path: Path) -> str:
    """Returns the SHA-256 of a file, as `sha256sum` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digests(
    folder: Path, names: Iterable[str] | None = None
) -> dict[str, str]:
    """Returns the digests of files by their paths in a folder.

    Args:
        folder: Where they are.
        names: Their paths, of files or folders; by default all of the folder.
    """
    chosen = [folder / name for name in (names or ["."])]
    paths = {
        path
        for start in chosen
        for path in (start.rglob("*") if start.is_dir() else [start])
        if path.is_file()
    }
    return {
        path.relative_to(folder).as_posix(): file_digest(path)
        for path in sorted(paths)
    }


def check_digests(
    source: Path, digests: Mapping[str, str] | None, *, everything: bool = False
) -> list[str]:
    """Raises if a file is not the one that was written.

    Files that are missing are left to whoever reads them.

    Args:
        source: The file that lists the digests; theirs are beside it.
        digests: By path; `None` if it lists none.
        everything: Whether to read large files that were compared before, and
            those that are for people, and to require that none is missing.

    Returns:
        The paths that were compared.

    Raises:
        DigestError: If a file was changed.
    """
    compared = []
    for name, expected in _checked(source, digests).items():
        path = source.parent / name
        if not everything and (not path.is_file() or name in _NOT_COMPARED):
            continue
        if not path.is_file():
            raise DigestError(
                f"{path}: Expected a file that {source.name} lists. Received: "
                "none. Copy the folder again."
            )
        received = file_digest(path) if everything else _known_digest(path)
        if received != expected:
            raise DigestError(
                f"{path}: Expected the file that was written with "
                f"{source.name}, with SHA-256 {expected}. Received: another "
                f"one, with {received}. It is damaged or of another model: "
                "copy the folder again, or write it again."
            )
        compared.append(name)
    return compared


def _checked(source: Path, digests) -> Mapping[str, str]:
    """Returns digests whose names stay inside the folder."""
    if digests is None:
        return {}
    if not isinstance(digests, Mapping):
        raise DigestError(
            f"{source}: Expected `digests` by file. Received: {digests!r:.80}"
        )
    for name in digests:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name:
            raise DigestError(
                f"{source}: Expected digests of files beside it. Received: "
                f"{name!r}"
            )
    return digests


def _known_digest(path: Path) -> str:
    """Returns a digest; that of a large file may be remembered."""
    before = path.stat()
    if before.st_size < LARGE:
        return file_digest(path)
    note = _note_of(path)
    state = f"{before.st_size} {before.st_mtime_ns} "
    with contextlib.suppress(OSError, ValueError):
        known = note.read_text(encoding="utf-8")
        if known.startswith(state):
            return known.removeprefix(state)
    digest = file_digest(path)
    after = path.stat()
    if (after.st_size, after.st_mtime_ns) == (
        before.st_size,
        before.st_mtime_ns,
    ):
        # Without a cache it is read again the next time.
        with contextlib.suppress(OSError):
            note.parent.mkdir(parents=True, exist_ok=True)
            unfinished = note.with_suffix(f".{os.getpid()}")
            unfinished.write_text(state + digest, encoding="utf-8")
            unfinished.replace(note)
    return digest


def _note_of(path: Path) -> Path:
    """Returns the file of the cache that remembers a file's digest."""
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()
    folder = Path(os.path.expandvars(root)).expanduser()
    return folder / "bert_keras" / "digests" / name
