"""The command line, run within the process of the tests."""

import pytest
from command import runner


@pytest.fixture
def bert_keras(monkeypatch, capsys):
    """Runs `bert-keras` with arguments; see `command.Ended`."""
    return runner(monkeypatch, capsys)
