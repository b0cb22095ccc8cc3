"""A state that was changed since it was written is refused."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from bert_keras.training.state import Progress, restore_state, save_state


class Variable:
    """Of Keras' variables, what a state needs."""

    def __init__(self, values):
        self.values = np.asarray(values)
        self.shape = self.values.shape

    def numpy(self):
        return self.values

    def assign(self, values):
        self.values = np.asarray(values)


@pytest.fixture
def variables():
    random = np.random.default_rng(0)
    return {
        "kernel": Variable(random.normal(size=[20, 30]).astype("float32")),
        "step": Variable(np.int64(7)),
        "none": Variable(np.zeros([0, 3], "float32")),
    }


@pytest.fixture
def path(tmp_path, variables):
    path = tmp_path / "state.safetensors"
    best = {"kernel": np.ones([20, 30], "float32")}
    save_state(path, variables, Progress(epoch=3, step=7), best)
    return path


def test_there_and_back(path, variables):
    expected = variables["kernel"].numpy().copy()
    variables["kernel"].assign(np.zeros([20, 30], "float32"))
    progress, best = restore_state(path, variables)
    np.testing.assert_array_equal(variables["kernel"].numpy(), expected)
    assert (progress.epoch, progress.step) == (3, 7)
    assert best["kernel"].sum() == 600


def test_no_bit_is_flipped_unseen(path, variables):
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for bit in random.choice(len(whole) * 8, 300, replace=False):
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        before = variables["kernel"].numpy().copy()
        with pytest.raises(ValueError, match=r"state\.safetensors"):
            restore_state(path, variables)
        np.testing.assert_array_equal(variables["kernel"].numpy(), before)


@pytest.mark.parametrize("metadata", [None, {}, {"progress": "{}"}])
def test_a_state_without_a_digest(path, variables, metadata):
    save_file(load_file(path), path, metadata)
    with pytest.raises(ValueError, match="as its digest says"):
        restore_state(path, variables)
