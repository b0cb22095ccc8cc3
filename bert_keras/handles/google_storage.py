"""Google Cloud Storage: `gs://bucket/folder`, or an archive in a bucket.

Files are listed and downloaded with the JSON API, which needs no login for
public buckets, so that TensorFlow, which can open such paths, is not imported.
`STORAGE_EMULATOR_HOST` names another server, as it does for Google's clients.
"""

import base64
import contextlib
import hashlib
import json
import re
import urllib.parse
from pathlib import Path

from bert_keras.handles.archive import MAX_BYTES, MAX_MEMBERS
from bert_keras.handles.cache import (
    ConnectionLost,
    Overtaken,
    module_folder,
    obtain,
)
from bert_keras.handles.errors import HandleError
from bert_keras.handles.hub import (
    ARCHIVES,
    module_digest,
    module_path,
    storage_server,
)
from bert_keras.handles.pin import folder_digest, require_digest

_HANDLE = re.compile(r"gs://([a-z0-9][a-z0-9._-]+)/(.*?[^/])/*")


def storage_path(handle: str, pin: str | None) -> Path:
    """Returns a folder of a bucket, which is downloaded if it is not cached.

    Args:
        handle: `gs://bucket/folder`, or `gs://bucket/archive.tar.gz`.
        pin: SHA-256 of the files, see `folder_digest`, or of the archive.

    Raises:
        HandleError: If it cannot be downloaded, or does not match the pin.
    """
    match = _HANDLE.fullmatch(handle)
    if match is None:
        raise HandleError(f"Expected gs://bucket/folder. Received: {handle!r}")
    if handle.endswith(ARCHIVES):
        return module_path(handle, pin)
    bucket, prefix = match.groups()

    def fetch(work: Path) -> Path:
        folder = _download_folder(handle, bucket, prefix, work)
        _require(handle, pin, folder)
        return folder

    folder = module_folder(handle)
    with contextlib.suppress(Overtaken):
        obtain(handle, folder, fetch)
    _require(handle, pin, folder)
    return folder


def storage_digest(handle: str) -> str | None:
    """Returns the digest that pins a cached handle."""
    if handle.endswith(ARCHIVES):
        return module_digest(handle)
    return folder_digest(module_folder(handle))


def _require(handle: str, pin: str | None, folder: Path) -> None:
    if pin is not None:
        require_digest(handle, pin, folder_digest(folder))


def _download_folder(handle: str, bucket: str, path: str, work: Path) -> Path:
    """Downloads what is below a path; complete files stay for a retry."""
    # Imported here, so that a cached handle loads no HTTP client.
    from bert_keras.handles.download import download

    server = f"{storage_server()}/storage/v1/b/{bucket}/o"
    try:
        objects = _list(server, f"{path}/", work / "listing")
    except ConnectionLost:
        raise
    except HandleError as error:
        raise HandleError(
            f"{handle}: {error} Is the bucket private? Then copy the folder, "
            f"gcloud storage cp -r {handle} ., and give its path."
        ) from error
    names = [entry["name"][len(path) + 1 :] for entry in objects]
    _check(handle, names, objects)
    folder = work / "folder"
    for name, entry in zip(names, objects, strict=True):
        file = folder / name
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            quoted = urllib.parse.quote(entry["name"], safe="")
            download(f"{server}/{quoted}?alt=media", file)
        _require_whole(handle, name, file, entry)
    return folder


def _list(server: str, prefix: str, listing: Path) -> list[dict]:
    """Returns the objects below a prefix, page by page."""
    from bert_keras.handles.download import download

    fields = {
        "prefix": prefix,
        "fields": "items(name,size,md5Hash),nextPageToken",
    }
    objects, token, pages = [], "", 0
    # Pages may be empty.
    while token is not None and max(len(objects), pages) <= MAX_MEMBERS:
        pages += 1
        query = urllib.parse.urlencode(fields | {"pageToken": token})
        download(f"{server}?{query}", listing)
        page = json.loads(listing.read_bytes())
        objects += page.get("items", [])
        token = page.get("nextPageToken")
    # Web consoles create empty objects that stand for folders.
    return [entry for entry in objects if not entry["name"].endswith("/")]


def _check(handle: str, names: list[str], objects: list[dict]) -> None:
    size = sum(int(entry.get("size", 0)) for entry in objects)
    if not objects:
        raise HandleError(
            f"{handle}: The bucket holds nothing there. Is a version "
            "missing at the end?"
        )
    if len(objects) > MAX_MEMBERS or size > MAX_BYTES:
        raise HandleError(
            f"{handle}: Expected a model. Received: {len(objects):,} files, "
            f"{size:,} bytes."
        )
    for name in names:
        parts = name.split("/")
        if "\\" in name or not {"", ".", ".."}.isdisjoint(parts):
            raise HandleError(
                f"{handle}: Expected names inside the folder. Received: "
                f"{name!r}"
            )


def _require_whole(handle: str, name: str, file: Path, entry: dict) -> None:
    """Compares a file with its MD5 in the listing."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, _md5).digest()
    stored = base64.b64encode(digest).decode()
    if entry.get("md5Hash", stored) != stored:
        file.unlink()
        raise HandleError(
            f"{handle}: {name} was damaged on its way: its MD5 is not the one "
            "that the bucket lists. Try again."
        )


def _md5():
    return hashlib.md5(usedforsecurity=False)
