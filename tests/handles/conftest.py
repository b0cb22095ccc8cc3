"""What a download needs: a cache of its own, and a server with a module."""

import pytest
from tiny_huggingface import folder as folder
from tiny_huggingface import theirs as theirs
from tiny_huggingface import write_json as write_json


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Where modules are kept, empty; a broken connection is mended at once."""
    from bert_keras.handles import download

    for name in ("BERT_KERAS_OFFLINE", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(download, "PAUSE", 0.001)
    return tmp_path / "cache"


@pytest.fixture
def server():
    """A server with one small module."""
    from file_server import running
    from module_server import module_server

    with running(module_server()) as server:
        yield server


@pytest.fixture
def handle(server, cache):
    """That module."""
    return server.url("/google/bert/1")
