"""A real HTTP server on this machine that can be as bad as real ones are."""

import contextlib
import http.server
import io
import json
import tarfile
import threading
import time
import urllib.parse
from pathlib import PurePosixPath
from typing import NamedTuple

FORMAT = "tf-hub-format=compressed"


def pack(files: dict[str, bytes]) -> bytes:
    """Returns a tar file."""
    buffer = io.BytesIO()
    folders = {str(PurePosixPath(name).parent) for name in files} - {"."}
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in folders:
            member = tarfile.TarInfo(name)
            member.type, member.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(member)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


class Asked(NamedTuple):
    """A request that came."""

    method: str
    path: str
    headers: dict


class FileServer(http.server.ThreadingHTTPServer):
    """Serves bytes by path, with `Range`, and modules of the TF Hub protocol.

    A path that ends in `.tar.gz` also answers without that, as a module: the
    question for a compressed one is redirected to the archive, any other gets
    a web page.

    Attributes:
        files: Bytes by path.
        faults: What the next requests meet, one each; a fault takes the
            handler and returns whether it has answered.
        asked: The requests that came.
        tags: Whether answers have an ETag.
    """

    daemon_threads = True

    def __init__(self, port: int = 0):
        super().__init__(("127.0.0.1", port), _Handler)
        self.files: dict[str, bytes] = {}
        self.faults: list = []
        self.asked: list[Asked] = []
        self.tags = True
        self.scheme = "http"

    def url(self, path: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}{path}"

    @property
    def ranges(self) -> list[str | None]:
        """The `Range` of each request for an archive."""
        return [
            asked.headers.get("Range")
            for asked in self.asked
            if asked.path.endswith(".tar.gz")
        ]

    def may_fail(self, handler, path: str) -> bool:
        """Whether a request can meet a fault."""
        return True

    def answer(self, handler, path: str) -> None:
        """Answers one request that met no fault."""
        if path in self.files:
            handler.send(self.files[path])
        else:
            status(404)(handler)

    def handle_error(self, request, client_address):
        """Clients that hang up are what the tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    claimed = None  # another length than the file's
    ends_at = None  # where the connection breaks

    def do_GET(self):
        self._answer()

    def do_HEAD(self):
        self._answer()

    def do_POST(self):
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer()

    def log_message(self, *_):
        pass

    def _answer(self):
        server = self.server
        server.asked.append(
            Asked(self.command, self.path, dict(self.headers.items()))
        )
        # Redirects are no more than the way to what a fault is about.
        path, _, query = self.path.partition("?")
        path = urllib.parse.unquote(path)
        archive = path + ".tar.gz"
        if archive in server.files:
            if FORMAT in query:
                redirect(archive)(self)
            else:
                page(self)
        elif server.faults and server.may_fail(self, path):
            if not server.faults.pop(0)(self):
                server.answer(self, path)
        else:
            server.answer(self, path)

    def send(self, body: bytes, headers: dict | None = None):
        """Sends a file or the part of it that was asked for."""
        headers = {"ETag": f'"{hash(body)}"'} | (headers or {})
        if not self.server.tags:
            del headers["ETag"]
        tag, start = headers.get("ETag"), 0
        wanted = self.headers.get("Range")
        same = self.headers.get("If-Range") in (None, tag)
        if wanted and same and tag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(body) > 0:
            status(416)(self)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}"
            )
        for name, value in headers.items():
            self.send_header(name, value)
        length = self.claimed or len(body)
        self.send_header("Content-Length", str(length - start))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[start : self.ends_at])
            self.wfile.flush()


def send_json(handler, values) -> None:
    """Answers with JSON."""
    body = json.dumps(values).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def cut(at: int):
    """The connection ends before the byte `at`."""

    def fault(handler):
        handler.ends_at = at
        return False

    return fault


def claim(length: int):
    """The header says another length."""

    def fault(handler):
        handler.claimed = length
        return False

    return fault


def status(code: int):
    """The server answers with an error."""

    def fault(handler):
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return True

    return fault


def redirect(url: str):
    """The server sends to another place."""

    def fault(handler):
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return True

    return fault


def page(handler) -> bool:
    """A web page, as servers send to whom they do not know."""
    handler.send_response(200)
    body = b"<!DOCTYPE html><html><body>Sign in</body></html>"
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
    return True


def wait_for(event: threading.Event, started: threading.Event | None = None):
    """The server answers when an event has come."""

    def fault(_):
        if started is not None:
            started.set()
        event.wait(30)
        return False

    return fault


def dribble(seconds: float, *, header: bool = False):
    """The server sends a byte at a time, until the client hangs up."""

    def fault(handler):
        text = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nX: "
        start = 0 if header else len(text)
        text = text.replace(b"X: ", b"\r\n") if start else text
        with contextlib.suppress(OSError):
            handler.connection.sendall(text[:start])
            for byte in text[start:] + bytes(b"a" * 1000):
                handler.connection.sendall(bytes([byte]))
                time.sleep(seconds)
        handler.close_connection = True
        return True

    return fault


@contextlib.contextmanager
def running(server=None):
    """Runs a server in a thread."""
    server = server or FileServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
