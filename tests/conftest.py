"""Fixtures that several packages share: data, a small encoder, goldens."""

import dataclasses
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

GOLDEN_ENCODERS = Path(__file__).parent / "golden" / "encoders"


@dataclasses.dataclass(frozen=True)
class GoldenEncoder:
    """One folder of golden/encoders, which make_encoder.py wrote.

    Attributes:
        folder: A checkpoint that `load_encoder` reads.
        inputs: The encoder's inputs by name.
        outputs: What the reference computed; a list where there is one of
            each layer.
        gradients: Of the loss, by our names of the weights.
        loss_of: Weights of the loss on `sequence_output`, `pooled_output`.
    """

    folder: Path
    inputs: dict
    outputs: dict
    gradients: dict
    loss_of: dict

    def loss(self, encoded: dict):
        """Returns the loss that the gradients belong to, on any backend."""
        from keras import ops

        return sum(
            ops.sum(encoded[name] * weights)
            for name, weights in self.loss_of.items()
        )

    @property
    def real(self) -> np.ndarray:
        """Where tokens are, bool [batch, length]."""
        return self.inputs["input_mask"].astype(bool)


def read_golden_encoder(folder: Path) -> GoldenEncoder:
    """Reads a folder."""
    from safetensors.numpy import load_file

    from bert_keras.checkpoints.readers.huggingface import read_weights

    stored = load_file(folder / "outputs.safetensors")
    outputs = {
        name: stored[name] for name in ("sequence_output", "pooled_output")
    }
    for name in ("encoder_outputs", "attention_scores"):
        layers = [key for key in stored if key.startswith(name + ".")]
        outputs[name] = [stored[f"{name}.{i}"] for i in range(len(layers))]
    gradients = read_weights(folder / "gradients.safetensors").encoder
    return GoldenEncoder(
        folder,
        inputs={k: v for k, v in stored.items() if k.startswith("input_")},
        outputs=outputs,
        gradients={name: np.asarray(g) for name, g in gradients.items()},
        loss_of={
            "sequence_output": stored["loss_of_sequence"],
            "pooled_output": stored["loss_of_pooled"],
        },
    )


@pytest.fixture(scope="session")
def data():
    """The folder of real data that BERT_KERAS_DATA names."""
    folder = os.environ.get("BERT_KERAS_DATA")
    if not folder:
        pytest.skip("BERT_KERAS_DATA is unset")
    return Path(folder)


@pytest.fixture(
    scope="session",
    params=sorted(path.name for path in GOLDEN_ENCODERS.iterdir()),
)
def golden_encoder(request):
    """Each small checkpoint with what it computes."""
    return read_golden_encoder(GOLDEN_ENCODERS / request.param)


@pytest.fixture(scope="session")
def read_golden():
    """Reads another folder of that kind, made while testing."""
    return read_golden_encoder


@pytest.fixture(scope="session")
def tiny_config():
    """30 pieces, 2 layers, 2 heads, width 8."""
    from bert_keras.config import BertConfig

    return BertConfig(
        vocab_size=30,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=16,
    )


def _build_encoder(config, *, dtype=None):
    from bert_keras.encoders import BertEncoder

    encoder = BertEncoder(config, dtype=dtype)
    random = np.random.default_rng(0)
    for weight in encoder.weights:
        centre = 1.0 if weight.path.endswith("gamma") else 0.0
        weight.assign(random.normal(centre, 0.5, weight.shape))
    return encoder


@pytest.fixture(scope="session")
def build_encoder():
    """Builds an encoder with weights so large that attention is uneven."""
    return _build_encoder


@pytest.fixture(scope="session")
def tiny_encoder(tiny_config):
    """An encoder that no test changes."""
    return _build_encoder(tiny_config)


def _inputs_for(mask) -> dict:
    mask = np.array(mask, "int32")
    random = np.random.default_rng(1)
    return {
        "input_word_ids": random.integers(0, 30, mask.shape, "int32"),
        "input_mask": mask,
        "input_type_ids": random.integers(0, 2, mask.shape, "int32"),
    }


@pytest.fixture(scope="session")
def inputs_for():
    """Makes random inputs of the tiny encoder under a given mask."""
    return _inputs_for


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory):
    """A checkpoint with its vocabulary that no test changes."""
    from tiny_task import write_checkpoint

    return write_checkpoint(tmp_path_factory.mktemp("tiny") / "checkpoint")


@pytest.fixture(scope="session")
def tiny_classifier(tiny_checkpoint):
    """A classifier of single texts with a fresh head, never trained."""
    from tiny_task import untrained

    from bert_keras.tasks import TextClassifier

    return untrained(tiny_checkpoint, TextClassifier, labels=["neg", "pos"])


@pytest.fixture(scope="session")
def tiny_task_folder(tiny_classifier, tmp_path_factory):
    """That classifier on disk."""
    return tiny_classifier.save(tmp_path_factory.mktemp("tiny") / "task")


@pytest.fixture(scope="session")
def tiny_export(tiny_classifier, tmp_path_factory):
    """That classifier as a version which a process of its own has checked."""
    return tiny_classifier.export(tmp_path_factory.mktemp("tiny") / "export")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the command mount")
    if done.returncode:
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
