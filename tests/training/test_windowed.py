"""Texts of several windows: batches, slices, resuming."""

import keras
import numpy as np
import pytest
from small_training import (
    SmallNetwork,
    equal,
    run,
    settings,
    small_sequences,
    squared_error,
)

from bert_keras.contract import WINDOW_COUNTS
from bert_keras.layers import WindowPooling
from bert_keras.training import (
    Objective,
    ValidationLoss,
    WindowedData,
    make_optimizer,
)
from bert_keras.training.step import train_steps
from bert_keras.training.validation import _MAX_SEQUENCES

COUNTS = np.array([3, 1, 2, 1, 4, 1])


def data(counts=COUNTS, **changes):
    values = {"targets": np.arange(len(counts), dtype=np.float32)}
    return WindowedData(
        small_sequences(counts.sum()), counts=counts, **(values | changes)
    )


class Windowed(SmallNetwork):
    """Sequences as windows: their logits are pooled."""

    def __init__(self, dropout=0.0):
        super().__init__(dropout)
        self.windows = WindowPooling("mean")

    def call(self, inputs, training=None, packed=False):
        logits = super().call(inputs, training=training)
        return self.windows(logits, inputs[WINDOW_COUNTS])


def test_a_batch_holds_all_windows_of_its_texts():
    texts = data()
    inputs, targets, weights = texts.batch(np.array([4, 2]), None)
    assert inputs.pop("window_counts").tolist() == [4, 2]
    expected = texts.sequences.batch(np.array([7, 8, 9, 10, 4, 5]))
    for name, values in expected.items():
        np.testing.assert_array_equal(inputs[name], values)
    assert targets.tolist() == [4, 2]
    assert weights.tolist() == [1, 1]
    assert len(texts) == 6
    assert texts.sequence_counts.tolist() == COUNTS.tolist()


def test_lengths_are_those_of_the_longest_window():
    texts, lengths = data(), small_sequences(12).lengths
    assert texts.lengths.tolist() == [
        max(lengths[:3]),
        lengths[3],
        max(lengths[4:6]),
        lengths[6],
        max(lengths[7:11]),
        lengths[11],
    ]


def test_pairs_of_texts():
    pairs = data(texts_each=2, targets=np.array([1, 2, 3], np.float32))
    assert len(pairs) == 3
    inputs, targets, _ = pairs.batch(np.array([2, 0]), None)
    assert inputs["window_counts"].tolist() == [4, 1, 3, 1]
    assert len(inputs["input_mask"]) == 9
    assert targets.tolist() == [3, 1]
    assert pairs.sequence_counts.tolist() == [4, 3, 5]


def test_weights_are_of_texts_and_the_digest_sees_where_they_end():
    weighted = data(weights=np.arange(6, dtype=np.float32))
    assert weighted.batch(np.array([5, 1]), None)[2].tolist() == [5, 1]
    assert data().digest() == data().digest()
    assert data().digest() != data(np.array([1, 3, 2, 1, 4, 1])).digest()


def _updated(slices: int) -> list:
    network = Windowed()
    (step,) = train_steps(
        [Objective(network, data(), squared_error)],
        make_optimizer(settings()),
        global_clipnorm=1.0,
        gradient_accumulation_steps=slices,
    )
    step(*data().batch(np.array([0, 1, 4, 2]), None))
    return [weight.numpy() for weight in network.weights]


@pytest.mark.parametrize("slices", [2, 3, 4])
def test_slices_keep_the_windows_of_a_text_together(slices):
    for whole, sliced in zip(_updated(1), _updated(slices), strict=True):
        np.testing.assert_allclose(sliced, whole, atol=1e-6)


class Cut(Exception):
    """Stands for whatever ends a process."""


def test_cut_off_and_resumed(tmp_path):
    def end(batch, logs):
        raise Cut

    counts = np.array([3, 1, 2, 1, 4, 1, 1, 2, 1, 1, 2, 1])
    network = {"network": Windowed(0.2), "data": data(counts)}
    more = {"save_seconds": 0, "gradient_accumulation_steps": 2, "epochs": 2}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("small_training.validator", lambda *_: None)
        whole = run(**network, **more)
        with pytest.raises(Cut):
            run(
                tmp_path / "state",
                [keras.callbacks.LambdaCallback(on_train_batch_end=end)],
                network=Windowed(0.2),
                data=data(counts),
                **more,
            )
        resumed = run(
            tmp_path / "state",
            network=Windowed(0.2),
            data=data(counts),
            **more,
        )
    assert resumed[0] == whole[0]
    assert equal(resumed[1], whole[1])


def test_the_validation_loss_takes_few_sequences_at_once():
    counts = np.array([2, _MAX_SEQUENCES + 3, _MAX_SEQUENCES - 2, 2, 1])
    texts, network = data(counts), Windowed()
    loss = ValidationLoss(network, squared_error, texts)
    batches = loss._batches()
    sizes = [counts[batch].sum() for batch in batches]
    assert sorted(np.concatenate(batches)) == [0, 1, 2, 3, 4]
    assert all(
        total <= _MAX_SEQUENCES or len(batch) == 1
        for total, batch in zip(sizes, batches, strict=True)
    )
    inputs, targets, _ = texts.batch(np.arange(5), None)
    whole = np.mean(squared_error(targets, network(inputs)))
    assert loss() == pytest.approx(float(whole), rel=1e-5)
