"""A task reads its checkpoint once."""

import pytest
from tiny_task import write_masked_lm

from bert_keras.checkpoints import read
from bert_keras.cli.task_options import TaskOptions
from bert_keras.cli.train import build
from bert_keras.cli.training_options import TrainingOptions
from bert_keras.tasks import (
    TASKS,
    MaskedLanguageModel,
    TextClassifier,
    load_task,
)


@pytest.fixture
def opened(monkeypatch):
    """The paths that were read as checkpoints so far."""
    paths = []
    find_format = read.find_format

    def listing(path):
        paths.append(path)
        return find_format(path)

    monkeypatch.setattr(read, "find_format", listing)
    return paths


@pytest.mark.parametrize("kind", TASKS)
def test_a_checkpoint_is_read_once(tiny_checkpoint, opened, kind):
    TASKS[kind].from_handle(tiny_checkpoint)
    assert opened == [tiny_checkpoint]


def test_a_checkpoint_with_a_head_is_read_once(tmp_path, opened):
    folder = write_masked_lm(tmp_path)
    MaskedLanguageModel.from_handle(folder)
    assert opened == [folder]
    load_task(folder)
    assert opened == [folder, folder]


def test_another_preprocessor_is_read_once(tiny_checkpoint, tmp_path, opened):
    folder = write_masked_lm(tmp_path)
    TextClassifier.from_handle(folder, preprocessor=tiny_checkpoint)
    assert opened == [folder, tiny_checkpoint]


def test_the_command_reads_a_checkpoint_once(tiny_checkpoint, tmp_path, opened):
    options = TaskOptions("classifier", {"pooling": "mean"}, {})
    build(options, TrainingOptions(encoder=tiny_checkpoint, out=tmp_path))
    assert opened == [tiny_checkpoint]
