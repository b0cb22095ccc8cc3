"""The head that guesses pieces beside transformers' and the Model Garden's."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bert_keras.checkpoints import read_checkpoint
from bert_keras.checkpoints.restore import restore
from bert_keras.encoders import BertEncoder
from bert_keras.heads import MaskedLMHead

SCRIPT = Path(__file__).with_name("transformers_masked_lm_reference.py")
ACTIVATIONS = ("gelu", "gelu_new", "relu")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    for name in ("torch", "transformers"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"needs {name}")
    root = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, SCRIPT, root], check=True)
    return root


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_logits_are_those_of_transformers(models, activation, compare):
    folder = models / activation
    expected = np.load(folder / "expected.npz")
    contents = read_checkpoint(folder)
    encoder = BertEncoder(contents.config)
    head = MaskedLMHead(contents.config)
    restore(encoder.named_variables, contents.tensors, source=folder)
    weights = contents.heads["masked_lm"]
    assert restore(head.named_variables, weights, source=folder) == []
    inputs = {k: v for k, v in expected.items() if k.startswith("input_")}
    logits = head(
        encoder(inputs)["sequence_output"],
        expected["positions"],
        table=encoder.embeddings.word.embeddings,
    )
    compare("logits", logits, expected["logits"])


@pytest.mark.garden
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_logits_are_those_of_the_garden(activation, tiny_config, compare):
    layers = pytest.importorskip("official.nlp.modeling.layers")
    import dataclasses

    import tensorflow as tf

    from bert_keras.layers.feed_forward import ACTIVATIONS as FUNCTIONS

    config = dataclasses.replace(tiny_config, hidden_act=activation)
    random = np.random.default_rng(0)
    table = tf.Variable(random.normal(size=(30, 8)).astype("float32"))
    theirs = layers.MaskedLM(table, activation=FUNCTIONS[activation])
    sequence = random.normal(size=(2, 5, 8)).astype("float32")
    positions = tf.constant([[0, 4, 4], [3, 1, 0]])
    theirs(sequence, positions)
    names = {
        "transform/dense/kernel": "dense/kernel",
        "transform/dense/bias": "dense/bias",
        "transform/LayerNorm/gamma": "norm/gamma",
        "transform/LayerNorm/beta": "norm/beta",
        "output_bias/bias": "bias",
    }
    ours = MaskedLMHead(config)
    for weight in theirs.trainable_weights:
        if weight is table:
            continue
        values = random.normal(size=weight.shape)
        name = next(n for n in names if weight.name.endswith(f"{n}:0"))
        weight.assign(values)
        ours.named_variables[names.pop(name)].assign(values)
    assert not names
    compare(
        "logits",
        ours(sequence, positions, table=table),
        theirs(sequence, positions),
    )
