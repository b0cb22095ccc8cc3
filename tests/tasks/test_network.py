"""A network is saved and loaded by Keras, in a process of its own."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from hub_encoder import save_hub_encoder

from bert_keras.encoders import BertEncoder, SavedModelEncoder
from bert_keras.heads import CrfHead, MaskHead, PooledHead
from bert_keras.tasks.network import Network, Networks

MASK = [[1, 1, 1, 0], [1, 1, 1, 1]]
LOAD = """
import sys
import keras, numpy as np
import bert_keras.tasks  # registers the classes
folder = sys.argv[1]
network = keras.models.load_model(folder + "/network.keras")
inputs = dict(np.load(folder + "/inputs.npz"))
np.save(folder + "/loaded.npy", network(inputs))
network.load_weights(folder + "/network.weights.h5")
np.save(folder + "/restored.npy", network(inputs))
"""


def load_elsewhere(network, inputs, folder):
    """Saves a network, and returns what it answers in another process."""
    np.savez(folder / "inputs.npz", **inputs)
    network.save(folder / "network.keras")
    network.save_weights(folder / "network.weights.h5")
    subprocess.run([sys.executable, "-c", LOAD, str(folder)], check=True)
    return [np.load(folder / f"{name}.npy") for name in ("loaded", "restored")]


@pytest.fixture
def encoder(build_encoder, tiny_config):
    return build_encoder(tiny_config)


def test_loaded_by_another_process(encoder, inputs_for, tmp_path):
    network = Network(encoder, PooledHead(8, 3, seed=1, name="head"))
    expected = network(inputs_for(MASK))
    for received in load_elsewhere(network, inputs_for(MASK), tmp_path):
        np.testing.assert_array_equal(received, expected)


def test_a_tied_head_reads_the_loaded_table(encoder, inputs_for, tmp_path):
    network = Network(encoder, MaskHead(encoder.config, name="head"))
    inputs = inputs_for(MASK) | {"masked_lm_positions": np.array([[1], [2]])}
    names = set(network.named_variables)
    assert not any(name.startswith("head/word") for name in names)
    expected = network(inputs)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded(inputs), expected)
    assert set(loaded.named_variables) == names
    table = loaded.encoder.embeddings.word.embeddings
    table.assign(table * 2)
    assert np.abs(loaded(inputs) - expected).max() > 0.1


def test_frozen_and_adapted(tiny_config, inputs_for, tmp_path):
    encoder = BertEncoder(tiny_config, dtype="mixed_bfloat16")
    encoder.enable_lora(2)
    encoder.freeze(1)
    head = PooledHead(8, 3, name="head", dtype=encoder.dtype_policy)
    network = Network(encoder, head)
    head.trainable = False
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    assert loaded.encoder.lora_rank == 2
    trained = {
        name
        for name, variable in loaded.named_variables.items()
        if any(variable is v for v in loaded.trainable_variables)
    }
    assert trained == {
        f"encoder/block_1/attention/{projection}/lora_{letter}"
        for projection in ("query", "value")
        for letter in "ab"
    }
    np.testing.assert_array_equal(
        loaded(inputs_for(MASK)), network(inputs_for(MASK))
    )


def test_several_networks_share_an_encoder(encoder, inputs_for, tmp_path):
    heads = [PooledHead(8, 3, name="head"), CrfHead(8, 2, name="head")]
    networks = Networks([Network(encoder, head) for head in heads])
    networks.save(tmp_path / "networks.keras")
    loaded = keras.models.load_model(tmp_path / "networks.keras")
    first, second = loaded.networks
    assert first.encoder is second.encoder
    for ours, theirs in zip(networks.networks, loaded.networks, strict=True):
        expected, received = ours(inputs_for(MASK)), theirs(inputs_for(MASK))
        for x, y in zip(
            keras.tree.flatten(expected),
            keras.tree.flatten(received),
            strict=True,
        ):
            np.testing.assert_array_equal(x, y)


def test_a_savedmodel_is_looked_for_where_it_was(inputs_for, tmp_path):
    folder = save_hub_encoder(tmp_path / "encoder")
    encoder = SavedModelEncoder(folder)
    for variable in encoder.trainable_variables:
        variable.assign(variable * 2)
    encoder.freeze()
    network = Network(encoder, PooledHead(8, 3, name="head"))
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(
        loaded(inputs_for(MASK)), network(inputs_for(MASK))
    )
    assert loaded.encoder.frozen == encoder.frozen
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match=r"saves its weights but not .*task"):
        keras.models.load_model(tmp_path / "network.keras")


def test_repr(encoder):
    network = Network(encoder, PooledHead(8, 3))
    assert repr(network) == f"Network({encoder!r}, PooledHead)"
