"""Modules from a real server on this machine: what goes well, and what not."""

import hashlib
import io
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tarfile
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from file_server import (
    FileServer,
    claim,
    cut,
    pack,
    page,
    redirect,
    running,
    status,
    wait_for,
)

from bert_keras.checkpoints import (
    HandleError,
    describe,
    read_checkpoint,
    resolve,
)
from bert_keras.checkpoints.sources import archive, download, transport

PAYLOAD = np.random.default_rng(0).bytes(300_000)
PATH = "/google/bert/1.tar.gz"


@pytest.fixture
def server():
    with running() as server:
        server.files[PATH] = pack(
            {"saved_model.pb": b"graph", "assets/vocab.txt": PAYLOAD}
        )
        yield server


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    for name in ("BERT_KERAS_OFFLINE", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(download, "PAUSE", 0.001)
    return tmp_path / "cache"


@pytest.fixture
def handle(server):
    return server.url("/google/bert/1")


def digest(server) -> str:
    return hashlib.sha256(server.files[PATH]).hexdigest()


def check_module(path):
    assert (path / "saved_model.pb").read_bytes() == b"graph"
    assert (path / "assets/vocab.txt").read_bytes() == PAYLOAD


def check_clean(cache):
    """Nothing at all is left of a download that failed."""
    assert list(cache.rglob("*")) == []


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
        "import sys; from bert_keras.checkpoints.handles import resolve; "
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


def test_offline(handle, cache, monkeypatch):
    monkeypatch.setenv("BERT_KERAS_OFFLINE", "1")
    with pytest.raises(HandleError) as error:
        resolve(handle)
    for part in (handle, "BERT_KERAS_OFFLINE is set", str(cache)):
        assert part in str(error.value)
    assert not cache.exists()


def test_a_folder_that_a_cleaner_has_emptied(handle, cache):
    path = resolve(handle)
    shutil.rmtree(path)
    path.mkdir()
    check_module(resolve(handle))


##### Connections that break


def test_a_cut_connection_is_taken_up_where_it_ended(handle, server):
    server.faults += [cut(100_000), cut(200_000)]
    check_module(resolve(handle))
    assert server.ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_a_server_that_knows_no_ranges_starts_afresh(handle, server):
    server.tags = False
    server.faults += [cut(100_000)]
    check_module(resolve(handle))
    assert server.ranges == [None, None]


def test_a_file_that_changed_meanwhile_starts_afresh(handle, server):
    new = pack({"saved_model.pb": b"graph", "assets/vocab.txt": PAYLOAD})
    old = server.files[PATH] = bytes(200_000)

    def change(_):
        server.files[PATH] = new

    server.faults += [cut(100_000), change]
    check_module(resolve(handle))
    assert server.ranges == [None, "bytes=100000-"]
    assert old != new


def test_no_end_of_cut_connections(handle, server, cache):
    server.faults += [cut(1000)] * 6
    with pytest.raises(HandleError) as error:
        resolve(handle)
    assert "ended at 1,000 of" in str(error.value)
    assert "Tried 5 times" in str(error.value)
    # The next one goes on with it.
    server.faults.clear()
    server.asked.clear()
    check_module(resolve(handle))
    assert server.ranges == ["bytes=1000-"]
    assert {p.suffix for p in cache.iterdir()} == {"", ".txt"}


def test_a_length_that_is_too_long(handle, server, cache):
    server.faults += [claim(len(server.files[PATH]) + 10)] * 50
    with pytest.raises(HandleError, match="fewer bytes than it says"):
        resolve(handle)
    # What has arrived is kept to go on with, and published is nothing.
    assert [path.name for path in cache.iterdir()] == [".bert_keras"]


def test_a_length_that_is_too_short(handle, server, cache):
    server.faults += [claim(100_000)]
    with pytest.raises(HandleError, match="whole tar or zip archive"):
        resolve(handle)
    check_clean(cache)


@pytest.mark.parametrize("code", [500, 503, 429])
def test_trouble_that_passes(handle, server, code):
    server.faults += [status(code)] * 4
    check_module(resolve(handle))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (401, "401 Unauthorized. It wants to know who asks"),
        (403, "403 Forbidden. It refuses to give this: the model may be"),
        (404, "404 Not Found. There is nothing of that name"),
        (418, "Open the URL in a browser"),
        (500, "500 Internal Server Error. .*Try again later. Tried 5 times"),
    ],
)
def test_an_answer_that_is_an_error(handle, server, cache, code, message):
    server.faults += [status(code)] * 5
    with pytest.raises(HandleError, match=message):
        resolve(handle)
    check_clean(cache)


def test_what_kaggle_keeps():
    url = "https://tfhub.dev/google/bert/1"
    assert "kaggle://owner/model" in transport.advice(url, 403)
    assert "kaggle" not in transport.advice("https://x.org/bert", 403)


def test_nobody_listens(cache):
    with running() as gone:
        handle = gone.url("/google/bert/1")
    with pytest.raises(HandleError, match=r"Connection refused. Tried 5"):
        resolve(handle)
    check_clean(cache)


def test_a_stopped_process_leaves_what_has_arrived(handle, server, cache):
    """SIGKILL in the middle; the same handle again goes on."""
    arrived, never = threading.Event(), threading.Event()

    def stall(handler):
        handler.ends_at = 100_000
        handler.send(server.files[PATH])
        arrived.set()
        never.wait(30)
        return True

    server.faults += [stall]
    code = "import sys; from bert_keras.checkpoints import handles; "
    process = subprocess.Popen(
        [sys.executable, "-c", code + f"handles.resolve({handle!r})"],
        env={**os.environ},
    )
    assert arrived.wait(60)
    part = cache / ".bert_keras" / hashlib.sha1(handle.encode()).hexdigest()
    # One block is written when the next one has come; see `download`.
    while not (part / "archive.part").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    never.set()
    check_module(resolve(handle))
    assert not (cache / ".bert_keras").exists()


def test_two_at_once_download_once(handle, server):
    may_answer = threading.Event()
    server.faults += [wait_for(may_answer)]
    paths = []
    threads = [
        threading.Thread(target=lambda: paths.append(resolve(handle)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    may_answer.set()
    for thread in threads:
        thread.join()
    assert paths[0] == paths[1]
    check_module(paths[0])
    assert server.ranges == [None]


##### What must not get in


def test_a_web_page(server, cache):
    server.files["/model.tar.gz"] = b""
    server.faults += [page]
    with pytest.raises(HandleError, match=r"Received: a web page.*hf://owner"):
        resolve(server.url("/model.tar.gz"))
    check_clean(cache)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", r"Expected an https:// URL.*passwd by a redir"),
        ("ftp://127.0.0.1/model", "Expected an https:// URL"),
        ("http://192.0.2.1/model", "Expected https://, or a pin"),
    ],
)
def test_a_redirect_to_another_scheme(handle, server, cache, url, message):
    server.faults += [redirect(url)]
    with pytest.raises(HandleError, match=message):
        resolve(handle)
    check_clean(cache)


@pytest.fixture
def secure(tmp_path, monkeypatch):
    """A server that speaks TLS, with a certificate trusted in this test."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
        *("-keyout", key, "-out", certificate, "-days", "2"),
        *("-subj", "/CN=127.0.0.1"),
        *("-addext", "subjectAltName=IP:127.0.0.1"),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the command openssl")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = FileServer()
    server.socket = context.wrap_socket(
        server.socket,
        server_side=True,
        do_handshake_on_connect=False,  # in the thread of the request
    )
    server.scheme = "https"
    with running(server):
        yield server


def test_from_https_to_http(secure, server, cache):
    secure.files = server.files
    handle = secure.url("/google/bert/1")
    secure.faults += [redirect(server.url(PATH))]
    with pytest.raises(HandleError) as error:
        resolve(handle)
    for part in ("Expected an https:// URL", server.url(PATH), "by a redirect"):
        assert part in str(error.value)
    assert server.asked == []
    check_clean(cache)
    check_module(resolve(handle))


def test_a_server_that_cannot_prove_who_it_is(secure, cache, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(HandleError, match="certificate is not trusted here"):
        resolve(secure.url("/google/bert/1"))
    check_clean(cache)


def test_no_such_server(cache):
    with pytest.raises(HandleError, match="No server of that name"):
        resolve("https://nobody.invalid/model.tar.gz")
    check_clean(cache)


def test_plain_http_from_elsewhere(cache):
    with pytest.raises(HandleError, match="#sha256= and the archive's digest"):
        resolve("http://192.0.2.1/model.tar.gz")
    check_clean(cache)


def test_a_bomb(handle, server, cache, monkeypatch):
    monkeypatch.setitem(
        archive.unpack.__kwdefaults__, "max_bytes", len(PAYLOAD)
    )
    with pytest.raises(HandleError, match=r"at most .* bytes together"):
        resolve(handle)
    check_clean(cache)


def test_more_bytes_than_a_model_has(handle, cache, monkeypatch):
    monkeypatch.setattr(download, "MAX_BYTES", 1000)
    with pytest.raises(HandleError, match="bytes are more than a model"):
        resolve(handle)
    check_clean(cache)


def test_a_link_in_an_archive(handle, server, cache):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("saved_model.pb")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    server.files[PATH] = buffer.getvalue()
    with pytest.raises(HandleError, match="a link or device"):
        resolve(handle)
    check_clean(cache)


def test_a_full_disk(handle, small_disk, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(small_disk))
    with pytest.raises(HandleError) as error:
        resolve(handle)
    for part in (handle, "No space left on device", "Make room"):
        assert part in str(error.value)
    check_clean(small_disk)


def test_a_disk_that_fills_while_unpacking(
    handle, server, small_disk, monkeypatch
):
    """The archive fits, what it holds does not."""
    server.files[PATH] = pack({"saved_model.pb": bytes(1_000_000)})
    assert len(server.files[PATH]) < 60_000
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(small_disk))
    with pytest.raises(HandleError, match="No space left on device"):
        resolve(handle)
    check_clean(small_disk)


def test_a_cache_that_cannot_be_made(handle, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(HandleError, match="could not be brought here"):
        resolve(handle)


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
    with pytest.raises(HandleError, match="not what it was pinned to"):
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
    with pytest.raises(HandleError, match="kept no digest of its archive"):
        resolve(f"{handle}#sha256={digest(server)}")
