"""The examples in the docstrings print what they say."""

import doctest
import importlib
import pkgutil

import pytest

from bert_keras import metrics

MODULES = [
    module.name
    for module in pkgutil.walk_packages(metrics.__path__, "bert_keras.metrics.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # one example writes a file
    assert doctest.testmod(importlib.import_module(name)).failed == 0
