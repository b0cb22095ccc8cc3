"""What must not get in, and what does not fit."""

import io
import ssl
import subprocess
import tarfile

import pytest
from file_server import FileServer, pack, page, redirect, running
from module_server import PATH, PAYLOAD, check_clean, check_module

from bert_keras.handles import HandleError, archive, download, resolve

pytestmark = pytest.mark.usefixtures("cache")


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


@pytest.mark.parametrize(
    "url",
    [
        "https:///model.tar.gz",
        "https://host:port/model.tar.gz",
        "https://127.0.0.1/a model.tar.gz",
        "https://127.0.0.1/é.tar.gz",
        "https://[::1/model.tar.gz",
    ],
)
def test_what_is_no_url(cache, url):
    with pytest.raises(HandleError, match=r"Expected a (URL|server's name)"):
        resolve(url)
    check_clean(cache)


def test_plain_http_from_elsewhere(cache):
    with pytest.raises(HandleError, match="#sha256= and the archive's digest"):
        resolve("http://192.0.2.1/model.tar.gz")
    check_clean(cache)


def test_a_bomb(handle, server, cache, monkeypatch):
    monkeypatch.setitem(
        archive.unpack.__kwdefaults__, "max_bytes", len(PAYLOAD)
    )
    with pytest.raises(HandleError, match=r"at most .* bytes in total"):
        resolve(handle)
    check_clean(cache)


def test_more_bytes_than_a_model_has(handle, cache, monkeypatch):
    monkeypatch.setattr(download, "MAX_BYTES", 1000)
    with pytest.raises(HandleError, match="Expected a model of at most"):
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
    for part in (handle, "No space left on device", "Free some space"):
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
    with pytest.raises(HandleError, match="could not be stored"):
        resolve(handle)
