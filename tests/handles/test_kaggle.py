"""Kaggle's models by the real kagglehub, from a real server on this machine."""

import base64
import hashlib
import json
import sys

import pytest
from file_server import FileServer, cut, running, send_json, status

from bert_keras.checkpoints import read_checkpoint
from bert_keras.handles import HandleError, kaggle, resolve

pytest.importorskip("kagglehub")

HANDLE = "kaggle://google/bert/tensorFlow2/tiny"
_SERVICE = "/api/v1/models.ModelApiService/"


class KaggleServer(FileServer):
    """One model, whose newest version is 2; `files` by name.

    It answers at the port that Kaggle's client asks in its test environment.
    """

    def __init__(self):
        super().__init__(7777)
        self.spoiled = False

    def may_fail(self, handler, path):
        return b"model.safetensors" in handler.body

    def answer(self, handler, path):
        asked = json.loads(handler.body or "{}")
        question = path.removeprefix(_SERVICE)
        if asked["modelSlug"] != "bert":
            status(404)(handler)
        elif question == "GetModelInstance":
            send_json(handler, {"versionNumber": 2})
        elif question == "ListModelInstanceVersionFiles":
            files = [{"name": name} for name in sorted(self.files)]
            send_json(handler, {"files": files, "nextPageToken": ""})
        else:
            body = self.files[asked["path"]]
            digest = base64.b64encode(hashlib.md5(body).digest()).decode()
            if self.spoiled:
                body = bytes(len(body))
            handler.send(body, {"x-goog-hash": f"md5={digest}"})


@pytest.fixture
def server(folder, monkeypatch):
    try:
        server = KaggleServer()
    except OSError:
        pytest.skip("needs port 7777")
    with running(server):
        server.files = {p.name: p.read_bytes() for p in folder.iterdir()}
        server.files["assets/a.txt"] = b"an asset"
        monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
        monkeypatch.setenv("HOME", str(folder / "nobody"))
        yield server


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    for name in ("BERT_KERAS_OFFLINE", "KAGGLE_API_TOKEN", "KAGGLE_USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kaggle, "PAUSE", 0.001)
    return tmp_path / "cache"


@pytest.mark.parametrize("version", ["", "/2"])
def test_a_model(server, cache, monkeypatch, capsys, version):
    path = resolve(HANDLE + version)
    assert path == cache / "models" / "google/bert/tensorFlow2/tiny/2"
    assert (path / "assets" / "a.txt").read_bytes() == b"an asset"
    assert len(read_checkpoint(HANDLE + version).vocabulary) == 30
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("BERT_KERAS_OFFLINE", "1")
    asked = len(server.asked)
    assert resolve(HANDLE + version) == path
    assert len(server.asked) == asked
    with pytest.raises(HandleError, match="tiny/1, which does not exist"):
        resolve(HANDLE + "/1")


def test_a_pin(server):
    with pytest.raises(HandleError, match="does not match its pin") as error:
        resolve(f"{HANDLE}#sha256={'0' * 64}")
    pin = str(error.value).partition("Received: ")[2][:64]
    assert resolve(f"{HANDLE}#sha256={pin}") == resolve(HANDLE)


@pytest.mark.parametrize(
    ("handle", "message"),
    [
        (HANDLE.replace("bert", "tree"), r"404 .*KAGGLE_API_TOKEN"),
        (HANDLE.replace("tensorFlow2", "abacus"), "not a valid ModelFramework"),
        ("kaggle://google/bert", "Expected kaggle://owner/model/framework/v"),
        ("kaggle://google/bert/../x", "Expected kaggle://owner/model/fram"),
        (HANDLE + "/two", "Expected kaggle://owner/model/framework/variation"),
    ],
)
def test_what_is_not_there(server, cache, handle, message):
    with pytest.raises(HandleError, match=message):
        resolve(handle)
    assert not list(cache.rglob("*"))


def test_a_file_that_arrives_other_than_it_was_sent(server, cache):
    server.spoiled = True
    with pytest.raises(HandleError, match="MD5 checksum"):
        resolve(HANDLE)
    assert not list(cache.rglob("*"))


def test_a_cut_connection_is_not_the_end(server, folder):
    server.faults += [cut(100)]
    path = resolve(HANDLE)
    whole = (folder / "model.safetensors").read_bytes()
    assert (path / "model.safetensors").read_bytes() == whole


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(HandleError, match=r'install "bert-keras\[kaggle\]"'):
        resolve(HANDLE)


def test_nobody_listens(cache, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
    with pytest.raises(HandleError, match=r"could not be downloaded.*refused"):
        resolve(HANDLE)
    assert not list(cache.rglob("*"))


def test_a_full_disk(server, small_disk, monkeypatch):
    server.files["model.safetensors"] = bytes(100_000)
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(small_disk))
    with pytest.raises(HandleError, match=r"No space left on device.*Free"):
        resolve(HANDLE)
    assert not list(small_disk.rglob("*"))
