"""Repositories by the real client, from a real server on this machine."""

import hashlib
import os
import signal
import subprocess
import sys
import threading

import pytest
from file_server import cut, running, status
from huggingface_server import COMMIT, HuggingFaceServer
from module_server import command_for

from bert_keras.checkpoints import describe, read_checkpoint
from bert_keras.handles import HandleError, resolve

pytest.importorskip("huggingface_hub")

HANDLE = "hf://tiny/bert"
FILES = [
    "config.json",
    "model.safetensors",
    "tokenizer_config.json",
    "vocab.txt",
]


@pytest.fixture
def server(folder):
    with running(HuggingFaceServer()) as server:
        files = {p.name: p.read_bytes() for p in folder.iterdir()}
        others = ["README.md", "tf_model.h5", "pytorch_model.bin", "onnx/x.bin"]
        server.repositories["tiny/bert"] = files | {o: b"" for o in others}
        yield server


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch, server):
    for name in ("HF_TOKEN", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "BERT_KERAS_OFFLINE",
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_ENDPOINT", server.url(""))
    return tmp_path / "hf" / "hub" / "models--tiny--bert"


def files_of(cache) -> list[str]:
    folder = cache / "snapshots" / COMMIT
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    )


def test_only_what_a_checkpoint_needs_is_fetched(server, cache):
    path = resolve(HANDLE)
    assert path == cache / "snapshots" / COMMIT
    assert files_of(cache) == FILES
    assert server.downloaded() == FILES
    assert len(read_checkpoint(HANDLE).vocabulary) == 30
    assert (cache / "refs" / "main").read_text() == COMMIT


@pytest.mark.parametrize("at", ["", "@main", f"@{COMMIT}"])
def test_from_the_cache_without_a_network(server, monkeypatch, at):
    path = resolve(HANDLE + at)
    asked = len(server.asked)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert resolve(HANDLE + at) == path
    assert len(server.asked) == asked


def test_a_cached_model_loads_no_client():
    resolve(HANDLE)
    code = (
        "import sys; from bert_keras.handles import resolve; "
        f"resolve({HANDLE!r}); "
        "heavy = {'huggingface_hub', 'http.client', 'ssl', 'tensorflow'} "
        "& set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_file_that_went_missing_is_fetched_again(cache, server):
    path = resolve(HANDLE)
    (path / "vocab.txt").unlink()
    assert resolve(HANDLE) == path
    assert files_of(cache) == FILES


def test_what_others_have_fetched_serves_offline(cache, monkeypatch):
    import huggingface_hub

    for file in FILES:
        huggingface_hub.hf_hub_download(
            "tiny/bert",
            file,
            cache_dir=cache.parent,
            endpoint=os.environ["HF_ENDPOINT"],
        )
    monkeypatch.setenv("BERT_KERAS_OFFLINE", "1")
    assert resolve(HANDLE) == cache / "snapshots" / COMMIT
    # Perhaps they have not fetched all: with a network the hub is asked.
    assert not (cache / "bert_keras").exists()


def test_a_damaged_note(cache, server):
    path = resolve(HANDLE)
    (note,) = (cache / "bert_keras").iterdir()
    for damage in ("{", "[]", '{"commit": "x"}'):
        note.write_text(damage)
        assert resolve(HANDLE) == path


@pytest.mark.parametrize("name", ["BERT_KERAS_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline(cache, monkeypatch, name, server):
    monkeypatch.setenv(name, "1")
    with pytest.raises(HandleError) as error:
        resolve(HANDLE)
    for part in (HANDLE, f"{name} is set", str(cache)):
        assert part in str(error.value)
    assert server.asked == []


def test_a_folder_and_a_file_inside(server, cache, folder):
    files = server.repositories["tiny/bert"]
    inside = {f"models/a/{p.name}": p.read_bytes() for p in folder.iterdir()}
    server.repositories["tiny/bert"] = files | inside
    place = cache / "snapshots" / COMMIT / "models" / "a"
    assert resolve(f"{HANDLE}/models/a") == place
    assert files_of(cache) == [f"models/a/{file}" for file in FILES]
    weights = f"{HANDLE}@main/models/a/model.safetensors"
    assert resolve(weights) == place / "model.safetensors"
    assert len(read_checkpoint(weights).vocabulary) == 30


##### Faults


def test_a_cut_connection_is_not_the_end(server, folder):
    server.faults += [cut(1000)]
    path = resolve(HANDLE)
    weights = (folder / "model.safetensors").read_bytes()
    assert (path / "model.safetensors").read_bytes() == weights
    assert server.downloaded().count("model.safetensors") == 2


def test_a_stopped_process(server, cache):
    """SIGKILL in the middle of the weights; the same handle again."""
    arrived, never = threading.Event(), threading.Event()

    def stall(handler):
        handler.ends_at = 1000
        server.answer(handler, handler.path)
        arrived.set()
        never.wait(60)
        return True

    server.faults += [stall]
    process = subprocess.Popen(command_for(HANDLE))
    assert arrived.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    never.set()
    assert not (cache / "bert_keras").exists()
    resolve(HANDLE)
    assert files_of(cache) == FILES


@pytest.mark.parametrize(
    ("handle", "message"),
    [
        ("hf://nobody/bert", "The hub has no such model.*HF_TOKEN"),
        ("hf://tiny/bert@v9", "no such branch, tag or commit"),
        ("hf://tiny/bert/other", r"Expected config.json.*It holds: README.md"),
        ("hf://tiny/bert@main/../x", "Expected hf://owner/name"),
        ("hf://a/b@", "Expected hf://owner/name"),
        ("hf://a/b@../c", "Expected hf://owner/name"),
        ("hf://", "Expected hf://owner/name"),
        ("hf://-x-/y--z", "hf://-x-/y--z: "),
    ],
)
def test_what_is_not_there(handle, message, cache):
    with pytest.raises(HandleError, match=message):
        resolve(handle)
    assert not (cache / "bert_keras").exists()


def test_a_model_that_requires_access(server, monkeypatch):
    server.locked["tiny/bert"] = "GatedRepo"
    with pytest.raises(
        HandleError, match=r"requires a request for access.*HF_TOKEN"
    ):
        resolve(HANDLE)
    monkeypatch.setenv("HF_TOKEN", "hf_token")
    assert resolve(HANDLE).is_dir()


def test_an_error_of_the_server(server, cache):
    server.faults += [status(500)] * 20
    with pytest.raises(HandleError, match=r"could not be downloaded: .*500"):
        resolve(HANDLE)
    assert not list(cache.rglob("*.incomplete"))
    server.faults.clear()
    assert resolve(HANDLE).is_dir()


def test_nobody_listens(monkeypatch):
    with running() as gone:
        monkeypatch.setenv("HF_ENDPOINT", gone.url(""))
    with pytest.raises(HandleError, match=r"not be downloaded: .*refused"):
        resolve(HANDLE)


def test_weights_that_arrive_other_than_they_were_sent(server, cache):
    server.wrong.add("model.safetensors")
    with pytest.raises(HandleError, match="was damaged on its way"):
        resolve(HANDLE)
    assert "model.safetensors" not in files_of(cache)
    server.wrong.clear()
    assert files_of(cache) != FILES and resolve(HANDLE).is_dir()
    assert files_of(cache) == FILES


def test_a_full_disk(small_disk, monkeypatch, server):
    server.repositories["tiny/bert"]["vocab.txt"] = bytes(100_000)
    monkeypatch.setenv("HF_HUB_CACHE", str(small_disk))
    with pytest.raises(HandleError, match=r"No space left.*Free some space"):
        resolve(HANDLE)
    assert not list(small_disk.rglob("*.incomplete"))
    assert not list(small_disk.rglob("*.json.*"))


def test_two_at_once(server):
    paths = []
    threads = [
        threading.Thread(target=lambda: paths.append(resolve(HANDLE)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths[0] == paths[1]
    assert server.downloaded().count("model.safetensors") == 1


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(HandleError, match=r'bert-keras\[huggingface\]"'):
        resolve(HANDLE)


##### Pins


def test_a_pin(folder):
    """By hand: what sha256sum prints for the files, in their order."""
    lines = ""
    for file in FILES:
        digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        lines += f"{digest}  {file}\n"
    pin = hashlib.sha256(lines.encode()).hexdigest()
    assert resolve(f"{HANDLE}#sha256={pin}") == resolve(HANDLE)


def test_what_inspect_prints_is_a_pin():
    found = describe(HANDLE)
    assert describe(HANDLE + found["pin"]) == found


def test_a_changed_vocabulary_is_not_the_pinned_one(server, folder):
    with pytest.raises(HandleError, match="does not match its pin") as error:
        resolve(f"{HANDLE}#sha256={'0' * 64}")
    pin = str(error.value).partition("Received: ")[2][:64]
    path = resolve(f"{HANDLE}#sha256={pin}")
    vocabulary = (path / "vocab.txt").resolve()
    vocabulary.write_text(vocabulary.read_text().replace("good", "evil"))
    with pytest.raises(HandleError, match="does not match its pin"):
        resolve(f"{HANDLE}#sha256={pin}")
