"""Logs for TensorBoard, which TensorFlow 2.21 does not bring along."""

import sys

import pytest
from small_fit import LIVELY
from tiny_task import SINGLE

from bert_keras.tasks import TextClassifier


def fit(checkpoint, folder):
    task = TextClassifier.from_handle(checkpoint)
    task.fit(
        SINGLE,
        run_dir=folder,
        tensorboard=True,
        verbose=0,
        **LIVELY | {"epochs": 1},
    )


def test_without_tensorboard_the_extra_is_named(
    tiny_checkpoint, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ValueError, match=r"bert-keras\[tensorboard\]"):
        fit(tiny_checkpoint, tmp_path)
    assert not (tmp_path / "task.json").exists()
    # Once it is installed, the same call trains.
    monkeypatch.undo()
    fit(tiny_checkpoint, tmp_path)
    assert list((tmp_path / "logs").rglob("events.out.tfevents*"))
