"""One small module on a server, and what it must become."""

import hashlib
import sys

import numpy as np
from file_server import FileServer, pack

PAYLOAD = np.random.default_rng(0).bytes(300_000)
PATH = "/google/bert/1.tar.gz"
_RESOLVE = "from bert_keras.handles import resolve; resolve({!r})"


def module_server() -> FileServer:
    """Returns a server with the module at `/google/bert/1`."""
    server = FileServer()
    files = {"saved_model.pb": b"graph", "assets/vocab.txt": PAYLOAD}
    server.files[PATH] = pack(files)
    return server


def digest(server) -> str:
    """The SHA-256 of the module's archive."""
    return hashlib.sha256(server.files[PATH]).hexdigest()


def check_module(path):
    """Asserts that a folder is the module, whole."""
    assert (path / "saved_model.pb").read_bytes() == b"graph"
    assert (path / "assets/vocab.txt").read_bytes() == PAYLOAD


def check_clean(cache):
    """Asserts that nothing at all is left of a download that failed."""
    assert list(cache.rglob("*")) == []


def command_for(handle: str) -> list[str]:
    """What resolves a handle in a process of its own."""
    return [sys.executable, "-c", _RESOLVE.format(handle)]
