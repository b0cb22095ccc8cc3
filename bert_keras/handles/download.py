"""Download: one URL to one file, completely or not at all.

An interrupted download is resumed where it stopped, now or by a later process:
the server's validator (an ETag or a date) is stored beside the partial file,
and a server whose file has changed since sends all of it.
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

ATTEMPTS = 5  # in a row without progress
PAUSE = 0.5  # seconds before the second attempt, then doubled
MAX_BYTES = 20 * 2**30
# A server could send a byte now and then for ever.
MIN_SPEED = 1024  # bytes a second, on average over WINDOW
WINDOW = 60  # seconds
DEADLINE = 24 * 3600  # seconds for one file, all attempts together
_BLOCK = 1 << 18
# Errors of the local disk, not of the connection.
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.ENOENT)


def download(url: str, path: Path, *, pinned: bool = False) -> None:
    """Downloads a file.

    Args:
        url: Where it is.
        path: The file; while it is incomplete, its name ends in `.part`.
        pinned: Whether the caller compares it with a digest.

    Raises:
        ConnectionLost: If it was interrupted or too slow too often, or took
            longer than DEADLINE. The partial file stays.
        HandleError: If the server refuses, or what it sends is too large.
        OSError: If the disk is full, or cannot be written.
    """
    part, failures = path.with_name(path.name + ".part"), 0
    furthest = _size(part)
    ends = time.monotonic() + DEADLINE
    while True:
        try:
            _receive(url, part, pinned, ends)
            break
        except (OSError, http.client.HTTPException) as error:
            reason = _retry_reason(error, url, part)
            slow = isinstance(error, TooSlow)
        _check_deadline(url, ends)
        progressed = _size(part) > furthest and not slow
        failures = 0 if progressed else failures + 1
        furthest = max(furthest, _size(part))
        if failures == ATTEMPTS:
            raise ConnectionLost(
                f"{url} could not be downloaded: {reason} Tried {ATTEMPTS} "
                "times. Run it again to resume."
            )
        logger.info("%s: %s Trying again.", url, reason)
        time.sleep(PAUSE * 2**failures)
    _validator_file(part).unlink(missing_ok=True)
    os.replace(part, path)


class TooSlow(OSError):
    """A connection that is alive, but will not end."""


def _receive(url: str, part: Path, pinned: bool, ends: float) -> None:
    """Appends what one connection delivers to the partial file."""
    headers = _resume_headers(part)
    with open_url(url, headers, pinned=pinned) as response:
        start = _size(part) if response.status == 206 else 0
        _check_range(response, part, start)
        length = response.headers.get("Content-Length")
        total = start + int(length) if (length or "").isdigit() else None
        if (total or 0) > MAX_BYTES:
            raise HandleError(_too_large(url, f"{total:,} bytes"))
        _store_validator(part, response.headers)
        # A hub's URL ends in a version, which would say nothing by itself.
        name = "/".join(url.partition("?")[0].split("/")[-2:])
        with (
            part.open("ab" if start else "wb") as file,
            progress(name, start, total) as advance,
        ):
            pace = _Pace()
            # Unlike `read`, it returns what has arrived.
            while block := response.read1(_BLOCK):
                file.write(block)
                advance(len(block))
                pace.count(len(block))
                _check_deadline(url, ends)
                if file.tell() > MAX_BYTES:
                    raise HandleError(_too_large(url, "more"))
    # http.client does not report a connection that ends early.
    if total is not None and _size(part) != total:
        raise ConnectionError(
            f"The connection ended at {_size(part):,} of {total:,} bytes."
        )


class _Pace:
    """Measures the speed of a connection, window by window."""

    def __init__(self):
        self._start, self._size = time.monotonic(), 0

    def count(self, size: int) -> None:
        """Counts bytes; raises `TooSlow` at the end of a slow window."""
        self._size += size
        seconds = time.monotonic() - self._start
        if seconds < WINDOW:
            return
        if self._size < MIN_SPEED * seconds:
            raise TooSlow(
                f"Fewer than {MIN_SPEED:,} bytes a second arrived in "
                f"{seconds:,.1f} seconds."
            )
        self._start, self._size = time.monotonic(), 0


def _check_deadline(url: str, ends: float) -> None:
    if time.monotonic() > ends:
        raise ConnectionLost(
            f"{url} could not be downloaded within {DEADLINE:,} seconds. Run "
            "it again to resume."
        )


def _too_large(url: str, received: str) -> str:
    return (
        f"{url}: Expected a model of at most {MAX_BYTES:,} bytes. Received: "
        f"{received}"
    )


def _retry_reason(error: Exception, url: str, part: Path) -> str:
    """Returns what went wrong; raises errors that a retry will not fix."""
    # urllib wraps errors that precede a response.
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        raise HandleError(
            f"{url}: The server's certificate is not trusted here: "
            f"{cause.verify_message}. Set SSL_CERT_FILE to trust another one."
        ) from error
    if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
        raise HandleError(
            f"{url}: No server of that name was found: {cause.strerror}. "
            "Is this machine online?"
        ) from error
    if getattr(error, "errno", None) in _DISK:
        raise error
    if isinstance(error, NothingBeyond):
        part.unlink(missing_ok=True)
    return f"{cause}".rstrip(".") + "."


def _resume_headers(part: Path) -> dict[str, str]:
    """Returns headers that request the rest, if the file is unchanged."""
    name = _validator_file(part)
    if not (_size(part) and name.is_file()):
        return {}
    known = name.read_text(encoding="utf-8")
    return {"Range": f"bytes={_size(part)}-", "If-Range": known}


def _check_range(response, part: Path, start: int) -> None:
    said = response.headers.get("Content-Range", "")
    if start and not said.startswith(f"bytes {start}-"):
        part.unlink()
        raise ConnectionError(
            f"Requested bytes from {start}, received {said!r}."
        )


def _store_validator(part: Path, headers) -> None:
    """Stores the server's validator of this version of the file."""
    tag = headers.get("ETag", "")
    # A weak tag does not promise equal bytes.
    known = headers.get("Last-Modified") if tag[:1] != '"' else tag
    if known:
        _validator_file(part).write_text(known, encoding="utf-8")
    else:
        _validator_file(part).unlink(missing_ok=True)


def _validator_file(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
