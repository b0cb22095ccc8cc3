"""Cache: where downloads lie, and how one comes to lie there whole.

Each source keeps its models where its own library would, so that nothing is
downloaded twice:

| source | folder |
|---|---|
| `https://`, `gs://` | `TFHUB_CACHE_DIR`, or `~/.cache/bert_keras/tfhub` |
| `hf://` | `HF_HUB_CACHE`, `HF_HOME/hub`, or `~/.cache/huggingface/hub` |
| `kaggle://` | `KAGGLEHUB_CACHE`, or `~/.cache/kagglehub` |

tensorflow-hub's own default is not taken: it lies under `/tmp`, which is
emptied from time to time, and where anybody may put a folder of that name.
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
    """A download that broke off; what has arrived is kept to go on with."""


class Offline(HandleError):
    """A handle that is not in the cache, where nothing may be downloaded."""


class Overtaken(HandleError):
    """A folder of the cache that another program made at the same time."""


def own_folder() -> Path:
    """Returns the project's folder of caches."""
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(root).expanduser() / "bert_keras"


def modules_folder() -> Path:
    """Returns where modules of the TF Hub protocol lie."""
    chosen = os.environ.get("TFHUB_CACHE_DIR")
    if chosen and "://" in chosen:
        raise HandleError(
            "Expected a local folder in TFHUB_CACHE_DIR. Received: "
            f"{chosen!r}. Copy what is there, or unset it."
        )
    return Path(chosen).expanduser() if chosen else own_folder() / "tfhub"


def require_network(handle: str, place: Path, *variables: str) -> None:
    """Raises `Offline` if nothing may be downloaded.

    Args:
        handle: What would be.
        place: Where it would lie.
        variables: Names beside `BERT_KERAS_OFFLINE` that forbid it.
    """
    for name in ("BERT_KERAS_OFFLINE", *variables):
        if os.environ.get(name, "").lower() in ("1", "true", "yes", "on"):
            raise Offline(
                f"Expected {handle} in the cache, since {name} is set. It "
                f"would be {place}, which is not there. Unset {name} to "
                "download it, or copy that folder from where it was."
            )


def module_folder(handle: str) -> Path:
    """Returns where one module lies, by tensorflow-hub's rule."""
    name = hashlib.sha1(handle.encode(), usedforsecurity=False).hexdigest()
    return modules_folder() / name


def is_filled(folder: Path) -> bool:
    """Whether a folder is there and holds something.

    An empty one is what cleaners of temporary folders leave.
    """
    return folder.is_dir() and any(folder.iterdir())


def obtain(handle: str, place: Path, prepare: Callable[[Path], Path]) -> Path:
    """Returns a folder of the cache, which is made if it is not there.

    Args:
        handle: What lies there.
        place: The folder.
        prepare: Takes a folder to work in, and returns one inside it that is
            whole: it becomes `place`, in one step.

    Raises:
        Offline: If it is not there, and nothing may be downloaded.
        Overtaken: If another program has put it there meanwhile.
    """
    if not is_filled(place):
        require_network(handle, place)
        with workspace(place) as work:
            if not is_filled(place):  # another process may have come first
                made = prepare(work)
                _publish(made, place)
    return place


def _publish(made: Path, place: Path) -> None:
    try:
        os.rename(made, place)  # an empty folder there gives way
    except OSError as error:
        # tensorflow-hub has locks of its own.
        if is_filled(place):
            raise Overtaken(f"Another program has made {place}.") from error
        raise


@contextlib.contextmanager
def workspace(place: Path) -> Iterator[Path]:
    """Gives a folder in which one process at a time prepares `place`.

    It is removed at the end, unless the connection was lost or the process
    was stopped: then it holds what the next one goes on with.

    Args:
        place: The folder or file that will be published by a rename; the
            folder for work lies beside it, on the same disk.
    """
    folder = place.parent / _WORK / place.name
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
    """Holds a lock that the system takes back when the process dies."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue  # whoever was at work has just removed the folder
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            logger.warning("Another process downloads this; waiting for it.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Whoever held it before has removed the file: others lock a new one.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                break
        os.close(descriptor)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)
        with contextlib.suppress(OSError):  # others may be at work beside
            path.parent.rmdir()
