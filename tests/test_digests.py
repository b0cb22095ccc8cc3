"""A file that was changed since it was written is refused where it is read."""

import json
import os
import shutil

import pytest
from small_contents import small_contents

from bert_keras import digests
from bert_keras.checkpoints import load_preprocessor, read_checkpoint
from bert_keras.cli.opened import find_saved, open_saved
from bert_keras.digests import DigestError, check_digests
from bert_keras.export.writers.bert_keras_encoder import (
    write_bert_keras_encoder,
)
from bert_keras.tasks import load_task


@pytest.fixture
def task(tiny_task_folder, tmp_path):
    return shutil.copytree(tiny_task_folder, tmp_path / "task")


@pytest.fixture
def export(tiny_export, tmp_path):
    return shutil.copytree(tiny_export, tmp_path / "export")


@pytest.fixture
def encoder(tmp_path):
    folder = tmp_path / "encoder"
    folder.mkdir()
    write_bert_keras_encoder(small_contents("masked_lm"), folder)
    return folder


@pytest.fixture
def folder(request):
    return request.getfixturevalue(request.param)


each = pytest.mark.parametrize(
    "folder", ["task", "export", "encoder"], indirect=True
)
trained = pytest.mark.parametrize("folder", ["task", "export"], indirect=True)


def listing(folder):
    [source] = (
        folder / name
        for name in ("task.json", "bert_keras.json", "encoder.json")
        if (folder / name).is_file()
    )
    return source, json.loads(source.read_text())["digests"]


def swap_two_lines(path):
    lines = path.read_text().splitlines(keepends=True)
    lines[10], lines[11] = lines[11], lines[10]
    path.write_text("".join(lines))


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def open_as_predict_does(folder):
    return open_saved(find_saved(folder))


@trained
@pytest.mark.parametrize(
    "load",
    [load_task, load_preprocessor, read_checkpoint, open_as_predict_does],
)
def test_two_lines_of_the_vocabulary(folder, load):
    load(folder)
    swap_two_lines(folder / "vocab.txt")
    with pytest.raises(DigestError, match=r"vocab\.txt: Expected the file"):
        load(folder)


@each
def test_one_bit_of_any_file(folder):
    _, listed = listing(folder)
    assert {"vocab.txt"} < set(listed)
    read_checkpoint(folder)
    for name in sorted(set(listed) - {"README.md"}):
        whole = (folder / name).read_bytes()
        if not whole:
            continue
        flip_a_bit(folder / name)
        with pytest.raises(DigestError) as error:
            read_checkpoint(folder)
        assert str(folder / name) in str(error.value)
        (folder / name).write_bytes(whole)
    read_checkpoint(folder)


def test_a_card_may_be_written_on(export):
    (export / "README.md").write_text("# Ours\n")
    read_checkpoint(export)


@pytest.fixture
def large(tmp_path, monkeypatch):
    """Every file is a large one; returns those that are read."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(digests, "LARGE", 0)
    read = []

    def file_digest(path, known=digests.file_digest):
        read.append(path.name)
        return known(path)

    monkeypatch.setattr(digests, "file_digest", file_digest)
    return read


def test_a_large_file_is_read_once_for_each_time_of_change(task, large):
    source, listed = listing(task)
    check_digests(source, listed)
    assert set(large) == set(listed)
    large.clear()
    check_digests(source, listed)
    assert large == []
    weights = task / "model.safetensors"
    state = weights.stat()
    os.utime(weights, ns=(state.st_atime_ns, state.st_mtime_ns + 10**9))
    check_digests(source, listed)
    assert large == ["model.safetensors"]
    flip_a_bit(weights)
    with pytest.raises(DigestError, match=r"model\.safetensors"):
        check_digests(source, listed)


def test_everything_is_read_if_asked(task, large):
    """A disk may flip a bit without a new time of change."""
    source, listed = listing(task)
    check_digests(source, listed)
    weights = task / "model.safetensors"
    state = weights.stat()
    flip_a_bit(weights)
    os.utime(weights, ns=(state.st_atime_ns, state.st_mtime_ns))
    check_digests(source, listed)
    with pytest.raises(DigestError, match=r"model\.safetensors"):
        check_digests(source, listed, everything=True)
    weights.unlink()
    check_digests(source, listed)
    with pytest.raises(DigestError, match="Received: none"):
        check_digests(source, listed, everything=True)


def test_without_a_cache_it_is_read_each_time(task, large, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    source, listed = listing(task)
    check_digests(source, listed)
    check_digests(source, listed)
    assert large.count("model.safetensors") == 2


@pytest.mark.parametrize(
    "listed", [["vocab.txt"], {"../vocab.txt": ""}, {"/etc/passwd": ""}]
)
def test_digests_of_files_elsewhere(task, listed):
    with pytest.raises(DigestError, match="Expected"):
        check_digests(task / "task.json", listed)
