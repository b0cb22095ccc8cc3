"""Kaggle: `kaggle://owner/model/framework/variation[/version]`, by kagglehub.

kagglehub knows Kaggle's logins and, in Kaggle's own notebooks, the models that
are attached to them. Its cache is used as it is:

    <KAGGLEHUB_CACHE>/models/owner/model/framework/variation/<version>/
    <KAGGLEHUB_CACHE>/models/owner/model/framework/variation/<version>.complete
"""

import contextlib
import io
import logging
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bert_keras.handles.cache import require_network, workspace
from bert_keras.handles.errors import HandleError
from bert_keras.handles.pin import folder_digest, require_digest

_HANDLE = re.compile(r"kaggle://((?:[\w.-]+/){3}[\w.-]+)(?:/(\d+))?/*")
ATTEMPTS = 3  # kagglehub keeps complete files
PAUSE = 2.0  # seconds between them
_LOGIN = (
    "Private models, and those that require consent on their page, need a "
    "login: set KAGGLE_API_TOKEN, or put the token in ~/.kaggle/access_token"
)


def kaggle_path(handle: str, pin: str | None) -> Path:
    """Returns the folder of a model, which is downloaded if it is not cached.

    Args:
        handle: Without a version the newest one is taken: the newest in the
            cache, if there is any.
        pin: SHA-256 of the files; see `folder_digest`.

    Raises:
        HandleError: If it cannot be downloaded, or does not match the pin.
    """
    match = _HANDLE.fullmatch(handle)
    if match is None or ".." in match[1].split("/"):
        raise HandleError(
            "Expected kaggle://owner/model/framework/variation/version. "
            f"Received: {handle!r}"
        )
    variation = cache_folder() / "models" / match[1]
    path = _cached(variation, match[2])
    if path is None:
        target = variation / (match[2] or "newest")
        require_network(handle, target)
        try:
            with workspace(target):
                path = _cached(variation, match[2])
                path = path or _download(handle, variation)
        except (HandleError, OSError):
            _remove_empty(variation)
            raise
    if pin is not None:
        require_digest(handle, pin, folder_digest(path))
    return path


def kaggle_digest(handle: str) -> str:
    """Returns the digest that pins a cached handle."""
    return folder_digest(kaggle_path(handle, None))


def cache_folder() -> Path:
    """Returns kagglehub's cache, without importing it."""
    chosen = os.environ.get("KAGGLEHUB_CACHE")
    return Path(chosen or "~/.cache/kagglehub").expanduser()


def _cached(variation: Path, version: str | None) -> Path | None:
    """Returns the requested version, or the newest one, if it is complete."""
    complete = [
        int(marker.stem)
        for marker in variation.glob("*.complete")
        if marker.stem.isdigit() and marker.with_suffix("").is_dir()
    ]
    if version is not None:
        complete = [n for n in complete if n == int(version)]
    return variation / str(max(complete)) if complete else None


def _download(handle: str, variation: Path) -> Path:
    try:
        with _off_stdout():
            import kagglehub
    except ImportError as error:
        raise HandleError(
            'kaggle:// needs kagglehub. Try: pip install "bert-keras[kaggle]"'
        ) from error
    import requests
    from kagglehub import exceptions

    name = handle.removeprefix("kaggle://").rstrip("/")
    try:
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(*_broken(requests)), _off_stdout():
                return Path(kagglehub.model_download(name))
            time.sleep(PAUSE)
        with _off_stdout():
            return Path(kagglehub.model_download(name))
    except (
        requests.RequestException,
        exceptions.UnauthenticatedError,
        exceptions.DataCorruptionError,
        exceptions.BackendError,
        exceptions.NotFoundError,
        ValueError,
    ) as error:
        _clean(variation)
        raise HandleError(
            f"{handle} could not be downloaded: {_one_line(error)} {_LOGIN}."
        ) from error
    except OSError:
        _clean(variation)
        raise


def _broken(requests) -> tuple[type[Exception], ...]:
    """Returns errors that a retry may not meet."""
    found = requests.exceptions
    return found.ConnectionError, found.ChunkedEncodingError, found.Timeout


def _clean(variation: Path) -> None:
    """Removes incomplete versions."""
    for path in variation.glob("*"):
        number = path.name.removesuffix(".archive")
        if number.isdigit():
            if not (variation / f"{number}.complete").exists():
                shutil.rmtree(path, ignore_errors=True)
                path.unlink(missing_ok=True)


def _remove_empty(variation: Path) -> None:
    for folder in (variation, *variation.parents[:4]):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.rstrip(".") + "."


@contextlib.contextmanager
def _off_stdout() -> Iterator[None]:
    """Keeps kagglehub's log off stdout, and its progress bars out of files."""
    quiet = logging.getLogger("kagglehub")
    level = quiet.level
    bars = sys.stderr if sys.stderr.isatty() else io.StringIO()
    try:
        with contextlib.redirect_stdout(bars), contextlib.redirect_stderr(bars):
            quiet.setLevel(logging.WARNING)
            yield
    finally:
        quiet.setLevel(level)
