"""The examples in docstrings run as they stand."""

import doctest
import importlib
import pkgutil

import pytest

from bert_keras import checkpoints

MODULES = [
    f"{checkpoints.__name__}.{module.name}"
    for module in pkgutil.iter_modules(checkpoints.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
