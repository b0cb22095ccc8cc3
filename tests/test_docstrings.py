"""The examples in docstrings do what they say.

Every module is looked at, so an example runs from the day it is written. One
that cannot is listed here with what is in the way.
"""

import doctest
import importlib
import pkgutil

import pytest

import bert_keras

ILLUSTRATIONS = {
    "bert_keras.encoders.bert": "a shape, of another class in each backend",
    "bert_keras.export.model_card": "the manifest of an export",
    "bert_keras.layers.embeddings": "a tensor, shown as its numbers",
    "bert_keras.postprocessing.labels": "tensors, shown as their numbers",
    "bert_keras.preprocessing.tokenizer": "a published vocabulary",
    "bert_keras.serving.saved_model": "an export",
    "bert_keras.tasks.load": "a trained task",
    "bert_keras.tasks.regressor": "the digits of one machine",
}
TRAININGS = {
    "bert_keras.tasks.classifier",
    "bert_keras.experiments.cross_validation",
    "bert_keras.tasks.masked_lm",
    "bert_keras.tasks.question_answerer",
    "bert_keras.tasks.tagger",
    "bert_keras.experiments.multi_task",
    "bert_keras.experiments.search",
}
MODULES = {
    module.name
    for module in pkgutil.walk_packages(bert_keras.__path__, "bert_keras.")
}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(name: str) -> list[doctest.DocTest]:
    """Finds the examples of a module, with what every reader has imported."""
    import keras
    import numpy as np
    import tensorflow as tf

    found = doctest.DocTestFinder(exclude_empty=True).find(
        importlib.import_module(name),
        extraglobs={"keras": keras, "np": np, "tf": tf},
    )
    return [test for test in found if test.examples]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in TRAININGS else ())
        for name in sorted(MODULES - set(ILLUSTRATIONS))
    ],
)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some write files
    said = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for example in examples(name):
        runner.run(example, out=said.append)
    assert not runner.failures, "".join(said)


def test_illustrations_are_there():
    without = [name for name in ILLUSTRATIONS if not examples(name)]
    assert not without, f"Take {without} out of ILLUSTRATIONS."
