"""A version is there whole and checked, or not at all."""

import contextlib
import hashlib
import json
import os
import threading

import pytest
import tensorflow as tf
from small_export import Counter, right_answers, small_export

from bert_keras.export import ExportRefused, publish, verify
from bert_keras.serving.saved_model import ServedModel

pytestmark = pytest.mark.usefixtures("verify_here")
FILES = {"saved_model.pb", "bert_keras.json", "README.md"}


def test_versions_are_counted_from_one(tmp_path):
    folder = tmp_path / "made" / "on_the_way"
    assert publish(folder, small_export()) == folder / "1"
    assert publish(folder, small_export()) == folder / "2"
    (folder / "41").mkdir()
    (folder / "notes").mkdir()
    assert publish(folder, small_export()) == folder / "42"
    names = {path.name for path in folder.iterdir()}
    assert names == {"1", "2", "41", "42", "notes"}


def test_what_a_version_holds(tmp_path):
    version = publish(tmp_path, small_export())
    assert {path.name for path in version.iterdir()} >= FILES
    assert (version / "variables" / "variables.index").is_file()
    assert (version / "README.md").read_text() == "# A card\n"
    manifest = json.loads((version / "bert_keras.json").read_text())
    assert manifest["task"] == "classifier"
    assert manifest["agreement"]["texts"] == 3
    assert manifest["agreement"]["answers_equal"] == 3
    assert manifest["agreement"]["largest_difference"] < 1e-6
    for name, digest in manifest["digests"].items():
        content = (version / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    assert set(manifest["digests"]) == {
        path.relative_to(version).as_posix()
        for path in version.rglob("*")
        if path.is_file() and path.name != "bert_keras.json"
    }


@contextlib.contextmanager
def watching(folder):
    """Collects every version that is seen before it is complete."""
    halves, ended = [], threading.Event()

    def watch():
        while not ended.is_set():
            for name in os.listdir(folder):
                path = folder / name
                if name.isdecimal() and not (
                    all((path / file).is_file() for file in FILES)
                    and (path / "variables" / "variables.index").is_file()
                ):
                    halves.append(os.listdir(path))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield halves
    finally:
        ended.set()
        thread.join()


def test_a_server_that_watches_never_sees_half_a_version(tmp_path):
    with watching(tmp_path) as halves:
        for _ in range(3):
            publish(tmp_path, small_export())
    assert halves == []
    assert len(list(tmp_path.iterdir())) == 3


def test_two_exports_at_once_become_two_versions(tmp_path):
    barrier, versions = threading.Barrier(2), []

    def export():
        wanted = small_export()
        barrier.wait()
        versions.append(publish(tmp_path, wanted).name)

    threads = [threading.Thread(target=export) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == ["1", "2"]
    assert {path.name for path in tmp_path.iterdir()} == {"1", "2"}


def refused(folder, export, message):
    with pytest.raises(ExportRefused, match=message) as error:
        publish(folder, export)
    assert "Nothing was published" in str(error.value)


@pytest.mark.parametrize("earlier", [False, True])
def test_other_answers_are_refused(tmp_path, earlier):
    folder = tmp_path / "model"
    if earlier:
        publish(folder, small_export())
    tampered = small_export(module=Counter(0.101))
    refused(folder, tampered, "a longer text")
    left = [path.name for path in folder.iterdir()] if earlier else []
    assert left == (["1"] if earlier else [])
    assert folder.exists() is earlier


def test_another_label_is_refused_however_close_the_scores(tmp_path):
    answers = right_answers()
    answers[1]["label"] = "short"
    refused(tmp_path, small_export(answers=answers), "'label': 'long'")


def test_nan_is_refused(tmp_path):
    refused(tmp_path, small_export(module=Counter(float("nan"))), "nan")


def test_bfloat16_differences_are_reported(tmp_path):
    export = small_export(module=Counter(0.11), precision="bfloat16")
    version = publish(tmp_path, export)
    manifest = json.loads((version / "bert_keras.json").read_text())
    assert manifest["agreement"]["answers_equal"] == 3
    assert manifest["agreement"]["largest_difference"] == pytest.approx(
        0.0217, abs=0.001
    )


class Price(tf.Module):
    """A regressor whose scores are large."""

    def __init__(self, offset):
        super().__init__()
        self.offset = tf.Variable(offset)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
        def answer(text):
            return {
                "score": tf.zeros(tf.shape(text)[0]) + self.offset,
            }

        self.functions = {"serving_default": answer}


def test_a_large_score_may_differ_by_its_rounding(tmp_path):
    answers = [{"score": 250_000.0}] * 3
    export = small_export(module=Price(250_000.1), answers=answers)
    publish(tmp_path, export)
    other = small_export(module=Price(250_010.0), answers=answers)
    refused(tmp_path, other, "250010")


def test_a_file_in_the_folders_place(tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(OSError, match=r"Expected a folder .*model"):
        publish(tmp_path / "model", small_export())
    with pytest.raises(OSError, match=r"Expected a folder .*deeper"):
        publish(tmp_path / "model" / "deeper", small_export())
    assert (tmp_path / "model").read_text() == "mine"


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_full_disk_leaves_nothing(small_disk, size):
    """Full while the variables are written, and before."""
    (small_disk / "filler").write_bytes(b"x" * (60_000 if size == 10 else 10))
    module = Counter()
    module.more = tf.Variable(tf.zeros([size]))
    with pytest.raises(OSError) as error:
        publish(small_disk / "model", small_export(module=module))
    assert str(small_disk / "model") in str(error.value)
    assert "space" in str(error.value)
    assert {path.name for path in small_disk.iterdir()} == {"filler"}


def test_a_card_that_cannot_be_written(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(tmp_path), "write_text", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*model'"):
        publish(tmp_path / "model", small_export())
    assert not (tmp_path / "model").exists()


def test_a_model_that_does_not_run_is_refused(tmp_path, monkeypatch):
    """The one export here that a process of its own is asked about."""
    monkeypatch.undo()
    served = small_export(rows=[{"wrong": "name"}], answers=[{}])
    with pytest.raises(ExportRefused, match="without bert_keras") as error:
        publish(tmp_path / "model", served)
    assert "Expected rows of text" in str(error.value)
    assert not (tmp_path / "model").exists()


def test_the_version_answers(tmp_path):
    version = publish(tmp_path, small_export())
    moved = version.rename(tmp_path / "elsewhere")
    answers = ServedModel(moved).answer([{"text": "a"}])
    assert answers[0]["label"] == "long"
    assert verify.TOLERANCE == 1e-5
