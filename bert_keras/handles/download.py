"""Download: one URL to one file, whole or not at all.

A connection that breaks off is taken up where it ended, now or by the next
process: beside the part that has arrived stands what the server called it
(its ETag or date), and a server whose file has changed since sends all of it.
"""

import contextlib
import errno
import http.client
import logging
import os
import socket
import ssl
import time
from pathlib import Path

from bert_keras.handles.cache import ConnectionLost
from bert_keras.handles.errors import HandleError
from bert_keras.handles.progress import progress
from bert_keras.handles.transport import NothingBeyond, open_url

logger = logging.getLogger(__name__)

ATTEMPTS = 5  # in a row that bring nothing
PAUSE = 0.5  # seconds before the second one, then twice as many
MAX_BYTES = 20 * 2**30
_BLOCK = 1 << 18
# What is wrong with the disk here, not with the connection.
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.ENOENT)


def download(url: str, path: Path, *, pinned: bool = False) -> None:
    """Downloads a file.

    Args:
        url: Where it is.
        path: What it becomes; until it is whole, `path` with `.part` at its
            end grows instead.
        pinned: Whether the caller compares it with a digest.

    Raises:
        ConnectionLost: If it broke off too often. The part stays.
        HandleError: If the server refuses, or what it sends is too large.
        OSError: If the disk is full, or cannot be written.
    """
    part, failures = path.with_name(path.name + ".part"), 0
    furthest = _size(part)
    while True:
        try:
            _receive(url, part, pinned)
            break
        except (OSError, http.client.HTTPException) as error:
            reason = _worth_another_try(error, url, part)
        failures = 0 if _size(part) > furthest else failures + 1
        furthest = max(furthest, _size(part))
        if failures == ATTEMPTS:
            raise ConnectionLost(
                f"{url} could not be downloaded: {reason} Tried {ATTEMPTS} "
                "times. Run it again to go on from where it ended."
            )
        logger.info("%s: %s Trying again.", url, reason)
        time.sleep(PAUSE * 2**failures)
    _name_file(part).unlink(missing_ok=True)
    os.replace(part, path)


def _receive(url: str, part: Path, pinned: bool) -> None:
    """Adds to the part what one connection brings."""
    headers = _to_go_on(part)
    with open_url(url, headers, pinned=pinned) as response:
        start = _size(part) if response.status == 206 else 0
        _check_range(response, part, start)
        length = response.headers.get("Content-Length")
        total = start + int(length) if (length or "").isdigit() else None
        if (total or 0) > MAX_BYTES:
            raise HandleError(f"{url}: {total:,} bytes are more than a model.")
        _remember_name(part, response.headers)
        # Hubs' URLs end in a version, which alone would say nothing.
        name = "/".join(url.partition("?")[0].split("/")[-2:])
        with (
            part.open("ab" if start else "wb") as file,
            progress(name, start, total) as advance,
        ):
            while block := response.read(_BLOCK):
                file.write(block)
                advance(len(block))
                if file.tell() > MAX_BYTES:
                    raise HandleError(f"{url}: More bytes than a model has.")
    # http.client says nothing when a connection ends before its time.
    if total is not None and _size(part) != total:
        raise ConnectionError(
            f"The connection ended at {_size(part):,} of {total:,} bytes."
        )


def _worth_another_try(error: Exception, url: str, part: Path) -> str:
    """Says what went wrong, or raises what will not go away."""
    # urllib wraps what happens before an answer.
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        raise HandleError(
            f"{url}: The server's certificate is not trusted here: "
            f"{cause.verify_message}. SSL_CERT_FILE may name other ones."
        ) from error
    if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
        raise HandleError(
            f"{url}: No server of that name can be found: {cause.strerror}. "
            "Is this machine connected?"
        ) from error
    if getattr(error, "errno", None) in _DISK:
        raise error
    if isinstance(error, NothingBeyond):
        part.unlink(missing_ok=True)
    return f"{cause}".rstrip(".") + "."


def _to_go_on(part: Path) -> dict[str, str]:
    """Headers that ask for the rest, if the server's file is the same."""
    name = _name_file(part)
    if not (_size(part) and name.is_file()):
        return {}
    known = name.read_text(encoding="utf-8")
    return {"Range": f"bytes={_size(part)}-", "If-Range": known}


def _check_range(response, part: Path, start: int) -> None:
    said = response.headers.get("Content-Range", "")
    if start and not said.startswith(f"bytes {start}-"):
        part.unlink()
        raise ConnectionError(f"Asked for bytes from {start}, got {said!r}.")


def _remember_name(part: Path, headers) -> None:
    """Writes down what the server calls this state of the file."""
    tag = headers.get("ETag", "")
    # A weak tag does not promise equal bytes.
    known = headers.get("Last-Modified") if tag[:1] != '"' else tag
    if known:
        _name_file(part).write_text(known, encoding="utf-8")
    else:
        _name_file(part).unlink(missing_ok=True)


def _name_file(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
