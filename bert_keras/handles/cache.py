"""Cache: where downloads are kept, and how each is put there in one step.

Each source keeps its models where its own library would, so that nothing is
downloaded twice:

| source | folder |
|---|---|
| `https://`, `gs://` | `TFHUB_CACHE_DIR`, or `~/.cache/bert_keras/tfhub` |
| `hf://` | `HF_HUB_CACHE`, `HF_HOME/hub`, or `~/.cache/huggingface/hub` |
| `kaggle://` | `KAGGLEHUB_CACHE`, or `~/.cache/kagglehub` |

tensorflow-hub's own default is not used: it is under `/tmp`, which is cleared
from time to time and where anyone can create a folder of that name.
"""

import contextlib
import fcntl
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from bert_keras.handles.errors import HandleError

logger = logging.getLogger(__name__)

_WORK = ".bert_keras"


class ConnectionLost(HandleError):
    """A download that was interrupted; the part that arrived is kept."""


class Offline(HandleError):
    """A handle that is not in the cache while downloads are not allowed."""


class Overtaken(HandleError):
    """A cache folder that another program created at the same time."""


def own_folder() -> Path:
    """Returns the folder of this project's caches."""
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(root).expanduser() / "bert_keras"


def modules_folder() -> Path:
    """Returns where modules of the TF Hub protocol are kept."""
    chosen = os.environ.get("TFHUB_CACHE_DIR")
    if chosen and "://" in chosen:
        raise HandleError(
            "Expected a local folder in TFHUB_CACHE_DIR. Received: "
            f"{chosen!r}. Copy its contents to a local folder, or unset it."
        )
    return Path(chosen).expanduser() if chosen else own_folder() / "tfhub"


def require_network(handle: str, target: Path, *variables: str) -> None:
    """Raises `Offline` if nothing may be downloaded.

    Args:
        handle: What is to be downloaded.
        target: Where it would be stored.
        variables: Environment variables that forbid it, besides
            `BERT_KERAS_OFFLINE`.
    """
    for name in ("BERT_KERAS_OFFLINE", *variables):
        if os.environ.get(name, "").lower() in ("1", "true", "yes", "on"):
            raise Offline(
                f"Expected {handle} in the cache, since {name} is set. It "
                f"would be {target}, which does not exist. Unset {name} to "
                "download it, or copy that folder from another machine."
            )


def module_folder(handle: str) -> Path:
    """Returns the folder of a module, by tensorflow-hub's rule."""
    name = hashlib.sha1(handle.encode(), usedforsecurity=False).hexdigest()
    return modules_folder() / name


def is_filled(folder: Path) -> bool:
    """Tells whether a folder exists and is not empty.

    Programs that clean temporary files leave empty ones.
    """
    return folder.is_dir() and any(folder.iterdir())


def obtain(handle: str, target: Path, prepare: Callable[[Path], Path]) -> Path:
    """Returns a folder of the cache, which is created if it is missing.

    Args:
        handle: What the folder is for.
        target: The folder.
        prepare: Takes a working folder and returns a complete folder inside
            it, which is renamed to `target` in one step.

    Raises:
        Offline: If it is missing, and downloads are not allowed.
        Overtaken: If another program has created it in the meantime.
    """
    if not is_filled(target):
        require_network(handle, target)
        with workspace(target) as work:
            if not is_filled(target):  # another process may have been first
                made = prepare(work)
                _publish(made, target)
    return target


def _publish(made: Path, target: Path) -> None:
    try:
        os.rename(made, target)  # replaces an empty folder
    except OSError as error:
        # tensorflow-hub does not know our locks.
        if is_filled(target):
            raise Overtaken(f"Another program has created {target}.") from error
        raise


@contextlib.contextmanager
def workspace(target: Path) -> Iterator[Path]:
    """Yields a folder in which one process at a time prepares `target`.

    It is removed at the end, unless the connection was lost or the process
    was interrupted: the next process then resumes from it.

    Args:
        target: The folder or file that will be published by a rename; the
            working folder is beside it, on the same disk.
    """
    folder = target.parent / _WORK / target.name
    with _locked(folder.with_name(folder.name + ".lock")):
        folder.mkdir(exist_ok=True)
        try:
            yield folder
        except (ConnectionLost, KeyboardInterrupt):
            with contextlib.suppress(OSError):
                folder.rmdir()  # if nothing has arrived
            raise
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a lock that the system releases when the process dies."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue  # another process has just removed the folder
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            logger.warning(
                "Another process is downloading this; waiting for it."
            )
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Its last holder has removed the file: others lock a new one.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                break
        os.close(descriptor)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)
        with contextlib.suppress(OSError):  # other downloads may be running
            path.parent.rmdir()
