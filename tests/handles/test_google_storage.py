"""Buckets, from a real server on this machine in place of Google's."""

import base64
import hashlib
import urllib.parse

import pytest
from file_server import FileServer, cut, pack, running, send_json, status

from bert_keras.checkpoints import read_checkpoint
from bert_keras.handles import HandleError, download, resolve

HANDLE = "gs://models/bert/1"
_LIST = "/storage/v1/b/models/o"


class BucketServer(FileServer):
    """One bucket; `files` by their names in it, two to a page of the listing.

    Attributes:
        listed: Names that the listing has in place of those of `files`.
    """

    listed = None

    def may_fail(self, handler, path):
        return path != _LIST

    def answer(self, handler, path):
        if path == _LIST:
            query = handler.path.partition("?")[2]
            send_json(handler, self._page(dict(urllib.parse.parse_qsl(query))))
        elif path.removeprefix(f"{_LIST}/") in self.files:
            handler.send(self.files[path.removeprefix(f"{_LIST}/")])
        elif path.removeprefix("/models/") in self.files:
            handler.send(self.files[path.removeprefix("/models/")])
        else:
            status(404)(handler)

    def _page(self, query: dict) -> dict:
        names = [
            name
            for name in self.listed or sorted(self.files)
            if name.startswith(query["prefix"])
        ]
        start = int(query.get("pageToken", 0))
        page = {"items": [self._entry(n) for n in names[start : start + 2]]}
        if start + 2 < len(names):
            page["nextPageToken"] = str(start + 2)
        return page

    def _entry(self, name: str) -> dict:
        body = self.files.get(name, b"")
        digest = base64.b64encode(hashlib.md5(body).digest()).decode()
        return {"name": name, "size": str(len(body)), "md5Hash": digest}


@pytest.fixture
def server(folder):
    with running(BucketServer()) as server:
        server.files = {"bert/1/": b"", "bert/10/other": b"", "readme": b""}
        for path in folder.iterdir():
            server.files[f"bert/1/{path.name}"] = path.read_bytes()
        server.files["bert/1/assets/a b?.txt"] = b"an asset"
        yield server


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch, server):
    monkeypatch.delenv("BERT_KERAS_OFFLINE", raising=False)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url(""))
    monkeypatch.setattr(download, "PAUSE", 0.001)
    return tmp_path / "cache"


def in_the_bucket(server) -> dict:
    """What the folder should hold, by name."""
    start = "bert/1/"
    return {
        name.removeprefix(start): body
        for name, body in server.files.items()
        if name.startswith(start) and name != start
    }


def read_all(path) -> dict:
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file()
    }


def test_a_folder(server, monkeypatch):
    path = resolve(HANDLE)
    assert len(in_the_bucket(server)) == 5
    assert read_all(path) == in_the_bucket(server)
    assert len(read_checkpoint(HANDLE).vocabulary) == 30
    monkeypatch.setenv("BERT_KERAS_OFFLINE", "1")
    asked = len(server.asked)
    assert resolve(HANDLE) == path
    assert len(server.asked) == asked


def test_an_archive(server):
    server.files["bert.tar.gz"] = pack({"vocab.txt": b"[PAD]"})
    path = resolve("gs://models/bert.tar.gz")
    assert (path / "vocab.txt").read_bytes() == b"[PAD]"


def test_cut_connections(server, cache):
    server.faults += [cut(5)] * 3
    path = resolve(HANDLE)
    assert read_all(path) == in_the_bucket(server)
    assert [entry.name for entry in cache.iterdir()] == [path.name]


def test_an_end_of_tries_keeps_whole_files(server):
    server.faults += [lambda _: False, *[status(500)] * 5]
    with pytest.raises(HandleError, match="Tried 5 times"):
        resolve(HANDLE)
    server.asked.clear()
    resolve(HANDLE)
    asked = [asked.path for asked in server.asked]
    assert not any("assets" in path for path in asked)
    assert any("vocab.txt" in path for path in asked)


@pytest.mark.parametrize(
    ("handle", "message"),
    [
        ("gs://models/nothing", "The bucket holds nothing there"),
        ("gs://private/bert", r"404.*Is the bucket private\? .*gcloud storage"),
        ("gs://models", "Expected gs://bucket/folder"),
    ],
)
def test_what_is_not_there(handle, message, cache):
    with pytest.raises(HandleError, match=message):
        resolve(handle)
    assert not list(cache.rglob("*"))


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a//x", "a\\x"])
def test_names_outside_of_the_folder(server, cache, name):
    server.listed = [f"bert/1/{name}"]
    with pytest.raises(HandleError, match="Expected names inside the folder"):
        resolve(HANDLE)
    assert not list(cache.rglob("*"))


def test_a_file_that_arrives_other_than_it_was_sent(server, cache):
    def damage(handler):
        handler.send(bytes(len(server.files["bert/1/vocab.txt"])))
        return True

    server.faults += [damage]
    with pytest.raises(HandleError, match="its MD5 is not the one"):
        resolve(HANDLE)
    assert not list(cache.rglob("*"))


def test_a_pin(cache):
    with pytest.raises(HandleError, match="does not match its pin") as error:
        resolve(f"{HANDLE}#sha256={'0' * 64}")
    assert not list(cache.rglob("*"))
    pin = str(error.value).partition("Received: ")[2][:64]
    assert resolve(f"{HANDLE}#sha256={pin}") == resolve(HANDLE)


def test_a_full_disk(small_disk, monkeypatch, server):
    server.files["bert/1/model.safetensors"] = bytes(100_000)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(small_disk))
    with pytest.raises(HandleError, match=r"No space left on device.*Free"):
        resolve(HANDLE)
    assert not list(small_disk.rglob("*"))
