"""Calls huggingface_hub, and turns its errors into `HandleError`."""

import contextlib
import errno
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from bert_keras.handles.errors import HandleError
from bert_keras.handles.pin import file_digest

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)


def list_files(
    handle: str, repository: str, revision: str
) -> tuple[str, list[str]]:
    """Returns the commit of a revision, and the paths of its files.

    Raises:
        HandleError: If there is no such repository or revision, if access is
            denied, or if the hub does not answer.
    """
    hub = _library()
    with _in_words(handle, hub.errors):
        api = hub.HfApi(endpoint=_endpoint())
        found = api.model_info(repository, revision=revision)
    return found.sha, [file.rfilename for file in found.siblings or ()]


def download_files(
    handle: str,
    repository: str,
    revision: str,
    commit: str,
    files: list[str],
    *,
    cache: Path,
) -> None:
    """Downloads files of one commit into huggingface_hub's cache.

    Raises:
        HandleError: If the hub refuses, or a file is damaged.
        OSError: If the disk is full; complete files stay.
    """
    options = {
        "repo_id": repository,
        "cache_dir": cache,
        "endpoint": _endpoint(),
    }
    hub = _library()
    with _in_words(handle, hub.errors), warnings.catch_warnings():
        # A full disk is reported once, by the error.
        warnings.filterwarnings("ignore", "Not enough free disk space")
        for file in files:
            path = hub.hf_hub_download(
                filename=file, revision=commit, **options
            )
            _require_whole(handle, Path(path))
        # Records the branch's commit, for other users of the cache.
        hub.hf_hub_download(filename=files[0], revision=revision, **options)


def _require_whole(handle: str, path: Path) -> None:
    """Compares a large file with its name in the cache, its SHA-256."""
    stored = path.resolve()
    if re.fullmatch("[0-9a-f]{64}", stored.name):
        if file_digest(stored) != stored.name:
            path.unlink()
            stored.unlink(missing_ok=True)
            raise HandleError(
                f"{handle}: {path.name} was damaged on its way: its SHA-256 is "
                "not the one that the hub lists. Try again."
            )


def _library() -> ModuleType:
    """Imports huggingface_hub, an extra, with its errors."""
    try:
        import huggingface_hub.errors
    except ImportError as error:
        raise HandleError(
            "hf:// needs huggingface_hub. Try: "
            'pip install "bert-keras[huggingface]"'
        ) from error
    return huggingface_hub


@contextlib.contextmanager
def _in_words(handle: str, errors: ModuleType) -> Iterator[None]:
    """Turns what huggingface_hub raises into a `HandleError`."""
    try:
        yield
    except errors.GatedRepoError as error:
        raise HandleError(
            f"{handle}: Its owner requires a request for access. Make one on "
            "its page, then set HF_TOKEN, or run: hf auth login"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise HandleError(
            f"{handle}: The hub has no such model, or it is private. Is it "
            "spelled owner/name? For a private one set HF_TOKEN, or run: hf "
            "auth login"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise HandleError(
            f"{handle}: The model has no such branch, tag or commit. Without "
            "@ the branch is main."
        ) from error
    except errors.HFValidationError as error:
        raise HandleError(f"{handle}: {error}") from error
    except (errors.HTTPError, OSError) as error:
        if getattr(error, "errno", None) in _DISK:
            raise
        raise HandleError(
            f"{handle} could not be downloaded: {_reason(error)} Try again "
            "later; files that have arrived are kept."
        ) from error


def _reason(error: Exception) -> str:
    """Returns the original error; the hub's client wraps it in advice."""
    first = error.__cause__ or error
    text = str(first).strip().partition("\n")[0] or type(first).__name__
    return text.rstrip(".") + "."


def _endpoint() -> str | None:
    # The client reads it only when it is imported.
    return os.environ.get("HF_ENDPOINT") or None
