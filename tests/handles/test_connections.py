"""Connections that break, and servers in trouble."""

import hashlib
import os
import pty
import signal
import subprocess
import sys
import threading

import pytest
from file_server import (
    claim,
    cut,
    dribble,
    pack,
    running,
    status,
    wait_for,
)
from module_server import (
    PATH,
    PAYLOAD,
    check_clean,
    check_module,
    command_for,
    digest,
)

from bert_keras.handles import HandleError, download, resolve, transport

pytestmark = pytest.mark.usefixtures("cache")


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
    # The part that arrived is kept, and nothing is published.
    assert [path.name for path in cache.iterdir()] == [".bert_keras"]


def test_a_length_that_is_too_short(handle, server, cache):
    server.faults += [claim(100_000)]
    with pytest.raises(HandleError, match="complete tar or zip archive"):
        resolve(handle)
    check_clean(cache)


@pytest.mark.parametrize("code", [500, 503, 429])
def test_trouble_that_passes(handle, server, code):
    server.faults += [status(code)] * 4
    check_module(resolve(handle))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (401, "401 Unauthorized. It requires a login"),
        (403, "403 Forbidden. Access is denied: the model may be"),
        (404, "404 Not Found. Nothing has that name"),
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
    process = subprocess.Popen(command_for(handle))
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


def test_two_processes_at_once_download_once(handle, server):
    asked, may_answer = threading.Event(), threading.Event()
    server.faults += [wait_for(may_answer, asked)]
    first = subprocess.Popen(command_for(handle))
    assert asked.wait(60)
    second = subprocess.Popen(
        command_for(handle), stderr=subprocess.PIPE, text=True
    )
    # It says that it waits, and only then the first one may go on.
    assert "waiting for it" in second.stderr.readline()
    may_answer.set()
    assert first.wait() == second.wait() == 0
    second.stderr.close()
    check_module(resolve(handle))
    assert server.ranges == [None]


def test_tensorflow_hub_comes_first(handle, server, cache):
    """It knows nothing of our locks; its module does not match a pin."""
    name = hashlib.sha1(handle.encode()).hexdigest()

    def overtake(_):
        (cache / name).mkdir()
        (cache / name / "saved_model.pb").write_bytes(b"theirs")

    server.faults += [overtake]
    path = resolve(handle)
    assert (path / "saved_model.pb").read_bytes() == b"theirs"
    assert [entry.name for entry in cache.iterdir()] == [name]
    with pytest.raises(HandleError, match="stored no digest of its archive"):
        resolve(f"{handle}#sha256={digest(server)}")


def test_a_bar_on_a_terminal_and_nowhere_else(handle, server):
    """In a terminal of its own, which the test reads."""
    ours, theirs = pty.openpty()
    subprocess.run(command_for(handle), stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "bert/1" in shown
    assert f"{len(server.files[PATH]) / 1000:.1f}" in shown
    other = server.url("/bert.tar.gz")
    server.files["/bert.tar.gz"] = server.files[PATH]
    done = subprocess.run(command_for(other), capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_notebook_gets_a_line(handle, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    resolve(handle)
    assert capsys.readouterr().err == "Downloading bert/1 (0.3 MB)\n"


##### Servers that never end


def test_a_byte_at_a_time(handle, server, monkeypatch):
    monkeypatch.setattr(download, "MIN_SPEED", 10_000)
    monkeypatch.setattr(download, "WINDOW", 0.2)
    server.faults += [dribble(0.02)] * download.ATTEMPTS
    with pytest.raises(HandleError, match="Fewer than 10,000 bytes a second"):
        resolve(handle)
    assert not server.faults  # progress of a byte or two is none
    check_module(resolve(handle))


def test_a_download_that_takes_for_ever(handle, server, monkeypatch):
    monkeypatch.setattr(download, "DEADLINE", 0.5)
    server.faults += [dribble(0.02)]
    with pytest.raises(HandleError, match=r"within 0\.5 seconds"):
        resolve(handle)


def test_connections_that_break_for_ever(handle, server, monkeypatch):
    """Each is fast, and brings a little more."""
    monkeypatch.setattr(download, "DEADLINE", 1)
    # 199 pauses take longer than that, however fast the machine is.
    monkeypatch.setattr(download, "PAUSE", 0.05)
    server.faults += [cut(at) for at in range(1000, 200_000, 1000)]
    with pytest.raises(HandleError, match="within 1 seconds"):
        resolve(handle)


def test_a_header_a_byte_at_a_time(handle, server, monkeypatch):
    monkeypatch.setattr(transport, "HEADER_TIMEOUT", 0.2)
    server.faults += [dribble(0.02, header=True)] * download.ATTEMPTS
    with pytest.raises(HandleError, match="Tried 5 times"):
        resolve(handle)
