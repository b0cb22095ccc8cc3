"""Hub: modules of the TF Hub protocol, and archives at any URL.

A server of this protocol, such as tfhub.dev or Kaggle, answers
`?tf-hub-format=compressed` with a tar file. The cache has tensorflow-hub's
layout, so that each finds what the other has downloaded:

    <SHA-1 of the URL>/                  the module
    <SHA-1 of the URL>.descriptor.txt    its URL, and its archive's digest
"""

import datetime
import os
import re
import shutil
import socket
import urllib.parse
from pathlib import Path
from typing import NoReturn

from bert_keras.atomic import replacing
from bert_keras.handles.archive import ArchiveError, unpack
from bert_keras.handles.cache import (
    Overtaken,
    module_folder,
    obtain,
)
from bert_keras.handles.errors import HandleError
from bert_keras.handles.pin import file_digest, require_digest

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".zip")
# Part of the URLs of Kaggle's pages, but not of those that serve archives.
_KAGGLE_WORDS = re.compile("/(?:frameworks|variations|versions)/")
_DIGEST = "Archive SHA-256: "


def module_path(handle: str, pin: str | None) -> Path:
    """Returns the folder of a module, which is downloaded if it is not cached.

    Args:
        handle: A URL.
        pin: SHA-256 of the archive.

    Raises:
        HandleError: If it cannot be downloaded, or does not match the pin.
    """
    module = module_folder(handle)
    try:
        obtain(handle, module, lambda work: _fetch(handle, pin, module, work))
    except Overtaken:
        # The other program downloaded it: our digest is of another archive.
        _descriptor(module).unlink(missing_ok=True)
    if pin is not None:
        require_digest(handle, pin, module_digest(handle) or _unknown(module))
    return _only_folder(module)


def module_digest(handle: str) -> str | None:
    """Returns the SHA-256 of the archive of a cached module.

    `None` if it was downloaded by another program, which stores no digest.
    """
    path = _descriptor(module_folder(handle))
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    match = re.search(rf"^{_DIGEST}([0-9a-f]{{64}})$", text, re.MULTILINE)
    return match[1] if match else None


def _fetch(handle: str, pin: str | None, module: Path, work: Path) -> Path:
    """Downloads, checks and unpacks, in this order."""
    # Imported here, so that a cached handle loads no HTTP client.
    from bert_keras.handles.download import download

    archive, unpacked = work / "archive", work / "unpacked"
    if not archive.is_file():  # from a process that was interrupted
        download(download_url(handle), archive, pinned=pin is not None)
    _refuse_page(handle, archive)
    digest = file_digest(archive)
    require_digest(handle, pin, digest)
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    try:
        unpack(archive, unpacked)
    except ArchiveError as error:
        raise HandleError(f"{handle}: {error}") from error
    _describe(handle, module, digest)
    return unpacked


def download_url(handle: str) -> str:
    """Returns the URL of a module's archive.

    Example:
        >>> download_url("https://tfhub.dev/google/bert/1")
        'https://tfhub.dev/google/bert/1?tf-hub-format=compressed'
        >>> download_url("gs://bucket/bert.tar.gz")
        'https://storage.googleapis.com/bucket/bert.tar.gz'
    """
    try:
        parts = urllib.parse.urlsplit(handle)
    except ValueError as error:
        raise HandleError(f"Expected a URL. Received: {handle!r}") from error
    if parts.scheme == "gs":
        return f"{storage_server()}/{parts.netloc}{parts.path}"
    if parts.path.endswith(ARCHIVES):
        return handle
    if parts.hostname in ("www.kaggle.com", "kaggle.com"):
        parts = parts._replace(path=_KAGGLE_WORDS.sub("/", parts.path))
    query = [*urllib.parse.parse_qsl(parts.query)]
    query.append(("tf-hub-format", "compressed"))
    return parts._replace(query=urllib.parse.urlencode(query)).geturl()


def storage_server() -> str:
    """Returns the URL of Google Cloud Storage, or of its emulator."""
    chosen = os.environ.get("STORAGE_EMULATOR_HOST", "").rstrip("/")
    if not chosen:
        return "https://storage.googleapis.com"
    return chosen if "://" in chosen else f"http://{chosen}"


def _refuse_page(handle: str, archive: Path) -> None:
    """Raises if the server sent a web page."""
    with archive.open("rb") as file:
        if not file.read(512).lstrip().startswith(b"<"):
            return
    raise HandleError(
        f"Expected an archive from {handle}. Received: a web page. Is this "
        "the URL of a model, with its version at the end? For models of "
        "huggingface.co write hf://owner/name; for Kaggle's that need a login, "
        "kaggle://owner/model/framework/variation."
    )


def _describe(handle: str, module: Path, digest: str) -> None:
    """Writes what tensorflow-hub writes, and the digest."""
    text = (
        f"Module: {handle}\n"
        f"Download Time: {datetime.datetime.now()}\n"
        f"Downloader Hostname: {socket.gethostname()} (PID:{os.getpid()})\n"
        f"{_DIGEST}{digest}\n"
    )
    with replacing(_descriptor(module)) as path:
        path.write_text(text, encoding="utf-8")


def _unknown(module: Path) -> NoReturn:
    raise HandleError(
        f"{module} was downloaded by another program, which stored no digest "
        "of its archive, so no pin can be checked. Remove it, and it will be "
        "downloaded again."
    )


def _descriptor(module: Path) -> Path:
    return module.with_name(module.name + ".descriptor.txt")


def _only_folder(module: Path) -> Path:
    """Returns the only folder of an archive, if it has one, or its root."""
    entries = list(module.iterdir())
    alone = len(entries) == 1 and entries[0].is_dir()
    return entries[0] if alone else module
