"""What every task must do, from a toy data set to an exported SavedModel."""

import json

import numpy as np
import pytest
from small_fit import LIVELY

from bert_keras.export import edge_case_texts, verify
from bert_keras.serving.saved_model import ServedModel
from bert_keras.tasks import load_task


def check_task(task, data, folder, monkeypatch, *, metrics: set, answer: set):
    """Trains, measures, saves, loads and exports a task.

    Args:
        task: An untrained task.
        data: Labelled rows, to train and evaluate on.
        folder: An empty folder.
        monkeypatch: The fixture of pytest.
        metrics: Keys that `evaluate` must return among others.
        answer: The exact keys of each answer.
    """
    history = _learns(task, data, folder / "run")
    asks_for_pairs = len(task.problem.inputs) == 2
    texts = [row[:2] if asks_for_pairs else row[0] for row in data]
    found = task.evaluate(data)
    assert metrics <= set(found)
    assert {name: history[-1][f"val_{name}"] for name in metrics} == (
        pytest.approx({name: found[name] for name in metrics})
    )
    answers = task.predict(texts)
    assert len(answers) == len(data)
    assert all(set(row) == answer for row in answers)
    json.dumps(answers)
    assert task.predict([]) == []
    _loads_back(task, folder, texts)
    _serves(task, folder, texts, monkeypatch)


def _learns(task, data, run):
    history = task.fit(
        data, validation_data=data, run_dir=run, verbose=0, **LIVELY
    )
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["val_loss"] < history[0]["val_loss"]
    return history


def _loads_back(task, folder, texts):
    for path in (task.save(folder / "saved"), folder / "run"):
        loaded = load_task(path)
        assert loaded.to_dict() == task.to_dict()
        assert type(loaded) is type(task)
    assert _close(loaded.predict(texts), task.predict(texts), 0.0)
    assert type(task.problem)(**task.problem.to_dict()).to_dict() == (
        task.problem.to_dict()
    )


def _serves(task, folder, texts, monkeypatch):
    # In this process: another test asks in a clean one.
    asked = []

    def answers_of(version, rows):
        asked.extend(rows)
        return ServedModel(version).answer(rows)

    monkeypatch.setattr(verify, "_answers_of", answers_of)
    version = task.export(folder / "exported", texts=texts)
    edge_cases = task.problem.edge_cases(edge_case_texts())
    assert len(asked) == len(edge_cases) + len(texts)
    model = ServedModel(version)
    columns = task.problem.texts(task.problem.read(texts, labelled=False))
    assert model.inputs == tuple(sorted(columns))
    rows = [
        dict(zip(columns, row, strict=True))
        for row in zip(*columns.values(), strict=True)
    ]
    assert _close(model.answer(rows), task.predict(texts), 1e-5)


def _close(left: list[dict], right: list[dict], tolerance: float) -> bool:
    """Whether answers are equal, their numbers up to a tolerance."""
    assert len(left) == len(right)
    for one, other in zip(left, right, strict=True):
        assert verify._words(one) == verify._words(other)
        np.testing.assert_allclose(
            verify._floats(one), verify._floats(other), atol=tolerance, rtol=0
        )
    return True
