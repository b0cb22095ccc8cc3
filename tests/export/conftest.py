"""Exports that are verified within this process, which takes no start-up."""

import pytest

from bert_keras.export import verify
from bert_keras.serving.saved_model import ServedModel


@pytest.fixture
def verify_here(monkeypatch):
    """Asks SavedModels in this process; one test asks in a clean one."""
    monkeypatch.setattr(
        verify,
        "_answers_of",
        lambda folder, rows: ServedModel(folder).answer(rows),
    )
