"""Hugging Face: `hf://owner/name[@revision][/folder]`, by huggingface_hub.

The cache is huggingface_hub's own, shared with other programs, which may have
downloaded other files of the same commit. So a note beside the files lists
those that a handle needs; with it, a handle is found in the cache without a
request, even if its branch has moved since:

    <HF_HUB_CACHE>/models--owner--name/bert_keras/<SHA-1 of the handle>.json
"""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import NamedTuple

from bert_keras.atomic import replacing
from bert_keras.handles.cache import Offline, require_network
from bert_keras.handles.errors import HandleError
from bert_keras.handles.huggingface_files import (
    is_complete,
    needed_files,
)
from bert_keras.handles.listing import close_to, shortened
from bert_keras.handles.pin import folder_digest, require_digest

_HANDLE = re.compile(
    r"hf://([\w.-]+(?:/[\w.-]+)?)"
    r"(?:@(refs/\w+/[^/]+|[^/]+))?"
    r"(?:/(.*?))?/*"
)
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


class _Name(NamedTuple):
    repository: str
    revision: str
    inside: str


class _Found(NamedTuple):
    """Files in the cache: their commit, and their paths in it."""

    commit: str
    files: list[str]


def huggingface_path(handle: str, pin: str | None) -> Path:
    """Returns the folder of a checkpoint, downloaded if it is not cached.

    Args:
        handle: `hf://owner/name`, with `@` and a branch, tag or commit, and a
            folder or a file of weights inside the repository.
        pin: SHA-256 of the files; see `folder_digest`.

    Raises:
        HandleError: If it cannot be downloaded, or does not match the pin.
    """
    name = _parse(handle)
    found = _find(handle, name)
    path = _repository_folder(name) / "snapshots" / found.commit / name.inside
    if pin is not None:
        require_digest(handle, pin, _digest(path, name.inside, found.files))
    return path


def huggingface_digest(handle: str) -> str:
    """Returns the digest that pins a cached handle."""
    name = _parse(handle)
    found = _find(handle, name)
    path = _repository_folder(name) / "snapshots" / found.commit / name.inside
    return _digest(path, name.inside, found.files)


def cache_folder() -> Path:
    """Returns huggingface_hub's cache, without importing it."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(name):
            return Path(os.path.expandvars(os.environ[name])).expanduser()
    home = os.environ.get("HF_HOME")
    if not home:
        root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        home = root + "/huggingface"
    return Path(os.path.expandvars(home)).expanduser() / "hub"


def _parse(handle: str) -> _Name:
    match = _HANDLE.fullmatch(handle)
    if match is not None:
        repository, revision, inside = (part or "" for part in match.groups())
        # Without an owner, a folder would be taken for the name.
        owned = "/" in repository or not inside
        leaves = inside.startswith("/") or ".." in inside.split("/")
        if owned and not leaves and revision != "..":
            return _Name(repository, revision or "main", inside)
    raise HandleError(
        "Expected hf://owner/name, hf://owner/name@revision or "
        f"hf://owner/name@revision/folder. Received: {handle!r}"
    )


def _repository_folder(name: _Name) -> Path:
    return cache_folder() / f"models--{name.repository.replace('/', '--')}"


def _sha1(handle: str) -> str:
    return hashlib.sha1(handle.encode(), usedforsecurity=False).hexdigest()


def _find(handle: str, name: _Name) -> _Found:
    """Returns the cached files, and downloads them first if needed."""
    root = _repository_folder(name)
    note = root / "bert_keras" / (_sha1(handle) + ".json")
    found = _noted(root, note)
    if found is not None:
        return found
    try:
        require_network(handle, root / "snapshots", *_OFFLINE)
    except Offline:
        found = _downloaded_by_others(name, root)
        if found is None:
            raise
        return found
    found = _fetch(handle, name)
    with replacing(note) as path:
        path.write_text(json.dumps(found._asdict()), encoding="utf-8")
    return found


def _digest(path: Path, inside: str, files: list[str]) -> str:
    """Returns the digest of files, named by their paths in the folder."""
    folder = path if path.is_dir() else path.parent
    start = inside if path.is_dir() else inside.rpartition("/")[0]
    skipped = len(start) + 1 if start else 0
    return folder_digest(folder, [name[skipped:] for name in files])


def _noted(root: Path, note: Path) -> _Found | None:
    """Returns what a note lists, if all files still exist."""
    try:
        found = _Found(**json.loads(note.read_text(encoding="utf-8")))
    except (FileNotFoundError, TypeError, ValueError):
        return None
    folder = root / "snapshots" / found.commit
    whole = all((folder / file).is_file() for file in found.files)
    return found if whole else None


def _fetch(handle: str, name: _Name) -> _Found:
    # Imported here, so that a cached handle loads no HTTP client.
    from bert_keras.handles.huggingface_client import (
        download_files,
        list_files,
    )

    commit, names = list_files(handle, name.repository, name.revision)
    files = needed_files(names, name.inside)
    if not is_complete(files):
        raise HandleError(_no_checkpoint(handle, name, names))
    download_files(
        handle,
        name.repository,
        name.revision,
        commit,
        files,
        cache=cache_folder(),
    )
    return _Found(commit, files)


def _downloaded_by_others(name: _Name, root: Path) -> _Found | None:
    """Looks for what `hf download` or transformers downloaded."""
    reference = root / "refs" / name.revision
    commit = name.revision
    if reference.is_file():
        commit = reference.read_text(encoding="utf-8").strip()
    folder = root / "snapshots" / commit
    names = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    ]
    files = needed_files(names, name.inside)
    vocabulary = {"vocab.txt", "vocabulary.txt", "tokenizer.json"}
    named = {file.rpartition("/")[2] for file in files}
    whole = is_complete(files) and vocabulary & named
    return _Found(commit, files) if whole else None


def _no_checkpoint(handle: str, name: _Name, names: list[str]) -> str:
    """Says what a repository holds instead of a checkpoint."""
    start = f"{name.inside}/" if name.inside else ""
    here = sorted(file for file in names if file.startswith(start))
    below = sorted(
        file.rpartition("/")[0]
        for file in names
        if file.endswith("/config.json")
    )
    return (
        f"Expected config.json, and model.safetensors or pytorch_model.bin, "
        f"in {handle}. It holds: "
        f"{shortened(here or sorted(names)) or 'nothing'}."
        f"{close_to(name.inside, below)}"
    )
