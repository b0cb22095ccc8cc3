"""Modules of the TF Hub protocol, from a real server on this machine."""

import hashlib
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from file_server import pack, status
from golden_archives import ARCHIVES, check_outputs
from module_server import PATH, check_clean, check_module, digest

from bert_keras.checkpoints import (
    describe,
    load_encoder,
    load_preprocessor,
    read_checkpoint,
)
from bert_keras.handles import HandleError, resolve
from bert_keras.handles.cache import modules_folder

pytestmark = pytest.mark.usefixtures("cache")


def test_a_module_as_tensorflow_hub_would_keep_it(handle, cache, server):
    path = resolve(handle)
    check_module(path)
    name = hashlib.sha1(handle.encode()).hexdigest()
    assert path == cache / name
    assert {p.name for p in cache.iterdir()} == {name, name + ".descriptor.txt"}
    text = (cache / (name + ".descriptor.txt")).read_text()
    assert text.startswith(f"Module: {handle}\nDownload Time: ")
    assert f"Archive SHA-256: {digest(server)}\n" in text
    assert [asked.path for asked in server.asked] == [
        "/google/bert/1?tf-hub-format=compressed",
        PATH,
    ]


def test_from_the_cache_without_a_network(handle, server, monkeypatch):
    path = resolve(handle)
    asked = len(server.asked)
    assert resolve(handle) == path
    monkeypatch.setenv("BERT_KERAS_OFFLINE", "1")
    assert resolve(handle) == path
    assert len(server.asked) == asked


def test_a_cached_module_loads_no_http_client(handle, cache):
    resolve(handle)
    code = (
        "import sys; from bert_keras.handles import resolve; "
        f"resolve({handle!r}); "
        "heavy = {'urllib.request', 'http.client', 'ssl', 'rich', "
        "'tensorflow', 'tensorflow_hub'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_checkpoint_in_a_folder_of_an_archive(server, folder):
    server.files["/bert.tar.gz"] = pack(
        {f"tiny/{p.name}": p.read_bytes() for p in folder.iterdir()}
    )
    handle = server.url("/bert.tar.gz")
    assert resolve(handle).name == "tiny"
    assert len(read_checkpoint(handle).vocabulary) == 30
    assert server.asked[0].path == "/bert.tar.gz"


def test_tensorflow_hub_and_we_share_a_cache(server, cache):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pkg_resources, tf_keras
        tensorflow_hub = pytest.importorskip("tensorflow_hub")
    server.files["/theirs.tar.gz"] = server.files[PATH]
    ours, theirs = server.url("/google/bert/1"), server.url("/theirs")
    path = resolve(ours)
    check_module(Path(tensorflow_hub.resolve(theirs)))
    asked = len(server.asked)
    assert tensorflow_hub.resolve(ours) == str(path)
    check_module(resolve(theirs))
    assert len(server.asked) == asked


def test_a_module_of_the_garden_from_its_url_to_its_outputs(server):
    server.files["/google/small/1.tar.gz"] = (
        ARCHIVES / "hub.tar.xz"
    ).read_bytes()
    handle = server.url("/google/small/1")
    check_outputs(load_encoder(handle), resolve(handle))
    preprocessor = load_preprocessor(handle)
    assert preprocessor.tokenize(["a good film"]).shape[0] == 1


def test_offline(handle, cache, monkeypatch):
    monkeypatch.setenv("BERT_KERAS_OFFLINE", "1")
    with pytest.raises(HandleError) as error:
        resolve(handle)
    for part in (handle, "BERT_KERAS_OFFLINE is set", str(cache)):
        assert part in str(error.value)
    assert not cache.exists()


def test_where_modules_lie(monkeypatch, tmp_path):
    assert modules_folder() == tmp_path / "cache"
    monkeypatch.setenv("TFHUB_CACHE_DIR", "gs://bucket/cache")
    with pytest.raises(HandleError, match="Expected a local folder"):
        modules_folder()
    monkeypatch.delenv("TFHUB_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert modules_folder() == Path("/caches/bert_keras/tfhub")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert modules_folder() == Path("/home/me/.cache/bert_keras/tfhub")


def test_a_folder_that_a_cleaner_has_emptied(handle, cache):
    path = resolve(handle)
    shutil.rmtree(path)
    path.mkdir()
    check_module(resolve(handle))


##### Pins


def test_a_pin(handle, server):
    pin = f"{handle}#sha256={digest(server)}"
    check_module(resolve(pin))
    check_module(resolve(pin))
    check_module(resolve(f"{handle}#SHA256={digest(server).upper()}"))
    assert len(server.asked) == 2


def test_what_inspect_prints_is_a_pin(server, folder, cache):
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p != cache}
    server.files["/bert.tar.gz"] = pack(files)
    handle = server.url("/bert.tar.gz")
    pin = describe(handle)["pin"]
    content = server.files["/bert.tar.gz"]
    assert pin == f"#sha256={hashlib.sha256(content).hexdigest()}"
    assert describe(handle + pin)["pin"] == pin
    assert describe(folder)["pin"] is None


def test_the_command_line_says_it_in_one_message(handle, server):
    server.faults += [status(404)]
    command = [sys.executable, "-m", "bert_keras.cli.main", "inspect", handle]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: http://127.0.0.1")
    assert "404 Not Found" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("pin", ["#sha256=abc", "#sha512=abc", "#abc"])
def test_a_pin_that_is_none(handle, server, pin):
    with pytest.raises(HandleError, match=r"Expected .*64 hexadecimal digits"):
        resolve(handle + pin)
    assert server.asked == []


def test_another_archive_than_the_pinned_one(handle, cache):
    with pytest.raises(HandleError, match="does not match its pin"):
        resolve(f"{handle}#sha256={'0' * 64}")
    check_clean(cache)


def test_a_cached_module_that_is_not_the_pinned_one(handle):
    path = resolve(handle)
    with pytest.raises(HandleError, match=r"Expected sha256 0000.*Received: "):
        resolve(f"{handle}#sha256={'0' * 64}")
    check_module(path)


def test_a_pin_of_what_another_program_has_downloaded(handle, cache, server):
    resolve(handle)
    for path in cache.glob("*.descriptor.txt"):
        path.write_text("Module: x\n")
    with pytest.raises(HandleError, match="stored no digest of its archive"):
        resolve(f"{handle}#sha256={digest(server)}")
