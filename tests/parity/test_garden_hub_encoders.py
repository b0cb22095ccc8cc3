"""Encoders that are not BERT's own, as the Model Garden exports them.

`make test-garden` runs this file; golden/tensorflow has one for other tests.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import bert_keras as bk
from bert_keras.checkpoints import describe
from bert_keras.encoders import SavedModelEncoder

TESTS = Path(__file__).parents[1]
KINDS = (
    "albert",
    "fnet",
    "funnel",
    "kernel",
    "mobilebert",
    "norm_first",
    "projected",
    "projected_v2",
    "reuse",
    "sparse_mixer",
    "talking_heads",
)
# Whose rows have one length alone; shorter ones are filled up here.
ONE_LENGTH = ("fnet", "sparse_mixer")

pytestmark = [pytest.mark.garden, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def maker():
    """The script that exports each kind."""
    pytest.importorskip("official.nlp.tools.export_tfhub_lib")
    sys.path.append(str(TESTS / "golden"))
    import make_other_encoders

    return make_other_encoders


@pytest.fixture(scope="module")
def exported(maker, tmp_path_factory):
    """Exports a kind once: its folder and the Garden's own encoder."""
    made = {}

    def export(kind):
        if kind not in made:
            folder = tmp_path_factory.mktemp(kind) / "encoder"
            made[kind] = folder, maker.export(folder, kind)
        return made[kind]

    return export


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_are_those_of_the_garden(kind, exported, maker, compare):
    folder, network = exported(kind)
    encoder = bk.load_encoder(folder)
    assert type(encoder) is SavedModelEncoder
    assert describe(folder)["architecture"] is None
    full = maker.inputs_of()
    expected = maker.outputs_of(network, full)
    encoded = encoder(full)
    for name in ("sequence_output", "pooled_output"):
        compare(name, encoded[name], expected[name])
    layers = expected["encoder_outputs"]
    assert len(encoded["encoder_outputs"]) == len(layers)
    for one, other in zip(encoded["encoder_outputs"], layers, strict=True):
        compare("encoder_outputs", one, other)
    if kind in ONE_LENGTH:
        short = {name: rows[1:, :11] for name, rows in full.items()}
        part = encoder(short)
        compare(
            "short rows",
            part["sequence_output"],
            expected["sequence_output"][1:, :11],
        )


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_was_trainable_is(kind, exported, maker):
    folder, network = exported(kind)
    encoder = bk.load_encoder(folder)
    variables = encoder.trainable_variables
    assert len(variables) == len(network.trainable_variables)
    inputs = maker.inputs_of()
    with tf.GradientTape() as tape:
        encoded = encoder(inputs, training=True)
        loss = tf.reduce_sum(encoded["pooled_output"]) + tf.reduce_sum(
            encoded["sequence_output"][..., 0]
        )
    gradients = tape.gradient(loss, [v.value for v in variables])
    assert all(gradient is not None for gradient in gradients)

    def twice(training):
        runs = [
            encoder(inputs, training=training)["sequence_output"] for _ in "12"
        ]
        return np.abs(runs[0] - runs[1]).max()

    assert twice(False) == 0
    assert twice(True) > 0.01


def test_funnels_have_the_names_and_shapes_of_bert(exported):
    folder, _ = exported("funnel")
    assert describe(folder)["notes"] == [
        "Not BERT's own architecture: its blocks shorten the sequence."
    ]


@pytest.mark.parametrize("kind", ["talking_heads", "fnet"])
def test_from_training_to_export(kind, maker, tmp_path, monkeypatch):
    for folder in ("", "tasks"):
        monkeypatch.syspath_prepend(TESTS / folder)
    from check_task import check_task
    from tiny_task import PIECES, SINGLE

    folder = tmp_path / "encoder"
    maker.export(folder, kind, pieces=PIECES.split()[:31])
    task = bk.TextClassifier.from_handle(folder)
    before = {k: np.array(v) for k, v in task.encoder.named_variables.items()}
    check_task(
        task,
        SINGLE,
        tmp_path,
        monkeypatch,
        metrics={"accuracy"},
        answer={"label", "score", "scores"},
    )
    for variable in task.encoder.trainable_variables:
        name = variable.path.removeprefix("saved_model/")
        assert (np.array(variable) != before[name]).any(), name
