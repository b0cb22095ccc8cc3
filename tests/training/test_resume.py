"""An interrupted training ends as if it had not been, bit for bit."""

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file
from small_training import SmallNetwork, equal, run, small_data

from bert_keras.checkpoints import tensor_file

STEPS = 15  # three epochs of five batches


class Cut(Exception):
    """Stands for whatever ends a process."""


class CutAt(keras.callbacks.Callback):
    """Raises after each of the given updates."""

    def __init__(self, steps):
        super().__init__()
        self.steps = set(steps)
        self.done = 0

    def on_train_batch_end(self, batch, logs=None):
        self.done += 1
        if self.done in self.steps:
            raise Cut


def balanced():
    return small_data(
        sampling_probabilities=np.array([0.02] * 10 + [0.08] * 10)
    )


@pytest.fixture(scope="module")
def whole():
    """Trainings that were never interrupted, each run once."""
    made = {}

    def whole(name, **changes):
        if name not in made:
            made[name] = run(**changes)
        return made[name]

    return whole


WAYS = {
    "saved at epochs": {"save_seconds": 1e6},
    "saved at steps": {"save_seconds": 0},
    "slices": {"save_seconds": 0, "gradient_accumulation_steps": 2},
    "early stopping": {"save_seconds": 0, "patience": 1},
    "sampling": {"save_seconds": 0, "data": balanced()},
}


@pytest.mark.parametrize("way", WAYS)
def test_cut_off_and_resumed(whole, tmp_path, way):
    path = tmp_path / "state"
    expected = whole(way, **WAYS[way])
    # Each attempt runs for a random time; later ones see what earlier ones
    # left.
    random = np.random.default_rng(len(way))
    for _ in range(3):
        with pytest.raises(Cut):
            run(path, [CutAt([random.integers(1, 5)])], **WAYS[way])
    history, weights = run(path, **WAYS[way])
    assert history == expected[0]
    assert equal(weights, expected[1])


def test_a_resumed_training_does_only_what_is_left(tmp_path):
    with pytest.raises(Cut):
        run(tmp_path / "state", [CutAt([8])], save_seconds=0)
    counter = CutAt([])
    run(tmp_path / "state", [counter])
    # The eighth update was done but its state not saved yet.
    assert counter.done == STEPS - 7


def test_cut_off_between_epochs(whole, tmp_path):
    def cut(epoch, logs):
        if epoch == 1:
            raise Cut

    with pytest.raises(Cut):
        run(
            tmp_path / "state",
            [keras.callbacks.LambdaCallback(on_epoch_end=cut)],
        )
    history, weights = run(tmp_path / "state")
    expected = whole("saved at epochs", **WAYS["saved at epochs"])
    assert history == expected[0]
    assert equal(weights, expected[1])


def test_a_finished_state_is_not_trained_on(tmp_path):
    first = run(tmp_path / "state")
    counter = CutAt([])
    again = run(tmp_path / "state", [counter])
    assert counter.done == 0
    assert again[0] == first[0]
    assert equal(again[1], first[1])


def test_half_a_state_leaves_the_whole_one(whole, tmp_path, monkeypatch):
    """The process dies while it writes: part of the bytes, then nothing."""
    path = tmp_path / "state"
    with pytest.raises(Cut):
        run(path, [CutAt([7])], save_seconds=0)
    before = path.read_bytes()

    def half(tensors, file, metadata):
        file.write_bytes(before[:1000])
        raise Cut

    with monkeypatch.context() as patched, pytest.raises(Cut):
        patched.setattr(tensor_file, "save_file", half)
        run(path, save_seconds=0)
    assert path.read_bytes() == before
    # Files that a kill leaves next to it do no harm.
    (tmp_path / ".state.abc").mkdir()
    (tmp_path / ".state.abc" / "state").write_bytes(before[:1000])
    _, weights = run(path)
    expected = whole("saved at epochs", **WAYS["saved at epochs"])
    assert equal(weights, expected[1])


class OtherNetwork(SmallNetwork):
    """With one more layer."""

    def __init__(self):
        super().__init__()
        self.more = keras.layers.Dense(3, name="more")
        self.more.build((None, 3))

    def call(self, inputs, training=None):
        vectors = keras.ops.mean(self.words(inputs["input_word_ids"]), axis=1)
        return self.dense(self.more(vectors))


def test_the_state_of_another_network_is_refused(tmp_path):
    path = tmp_path / "state"
    run(path, epochs=1)
    with pytest.raises(ValueError, match="Received the state of another"):
        run(path, network=OtherNetwork())


def test_the_state_of_another_width_is_refused(tmp_path):
    path = tmp_path / "state"
    run(path, epochs=1)
    network = SmallNetwork()
    network.dense = keras.layers.Dense(2, name="dense")
    network.dense.build((None, 3))
    with pytest.raises(ValueError, match="Received the state of another"):
        run(path, network=network)


def test_a_damaged_state_is_refused(tmp_path):
    path = tmp_path / "state"
    run(path, epochs=1)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"state: Expected .*remove it"):
        run(path)


def test_one_file_holds_all(tmp_path):
    path = tmp_path / "state"
    run(path, epochs=1, patience=1)
    tensors = load_file(path)
    kinds = {name.split("/")[0] for name in tensors}
    assert kinds == {"now", "best"}
    assert list(tmp_path.iterdir()) == [path]
