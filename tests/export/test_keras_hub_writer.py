"""KerasHub presets: what it wrote itself is written again as it was."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from small_contents import CONFIG, small_contents

import bert_keras as bk
from bert_keras.checkpoints.readers.hdf5_file import list_hdf5
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.config import TokenizerConfig
from bert_keras.export import ConversionError
from bert_keras.export.writers.keras_hub import write_keras_hub

GOLDEN = Path(__file__).parent.parent / "golden" / "keras_hub"
TANH = dataclasses.replace(CONFIG, hidden_act="gelu_new")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("keras_hub") / "to"
    return bk.convert(GOLDEN, target, format="keras-hub")


@pytest.mark.parametrize("name", ["model.weights.h5", "task.weights.h5"])
def test_weights_have_the_names_and_values_of_keras_hub(folder, name):
    ours, theirs = list_hdf5(folder / name), list_hdf5(GOLDEN / name)
    assert ours.keys() == theirs.keys()
    for path, tensor in theirs.items():
        assert ours[path].dtype == tensor.dtype
        np.testing.assert_array_equal(ours[path].read(), tensor.read())


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer.json", "task.json", "preprocessor.json"]
)
def test_objects_are_those_of_keras_hub(folder, name):
    ours, theirs = (
        json.loads((f / name).read_text()) for f in (folder, GOLDEN)
    )
    assert ours == theirs


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (small_contents(), "hidden_act='gelu' instead of 'gelu_new'"),
        (
            small_contents(
                config=dataclasses.replace(TANH, layer_norm_eps=1e-5)
            ),
            "layer_norm_eps=1e-05 instead of 1e-12",
        ),
        (small_contents(config=TANH, pooler=False), "Received: no pooler"),
        (
            small_contents(
                config=TANH, tokenizer=TokenizerConfig(sep_token="a")
            ),
            "sep_token='a'",
        ),
        (
            small_contents(
                config=TANH,
                tokenizer=TokenizerConfig(tokenize_chinese_chars=False),
            ),
            "tokenize_chinese_chars=False",
        ),
        (
            small_contents(config=TANH, sentence=SentenceSettings("last")),
            "pooling='last'",
        ),
        (
            small_contents(
                "sequence_classifier",
                config=TANH,
                sentence=SentenceSettings("cls"),
            ),
            "a classifier and how a text",
        ),
        (
            small_contents(
                "sequence_classifier", config=TANH, problem_type="regression"
            ),
            "problem_type='regression'",
        ),
    ],
)
def test_what_its_code_does_not_compute_is_refused(tmp_path, contents, message):
    with pytest.raises(ConversionError, match=message):
        write_keras_hub(contents, tmp_path)
