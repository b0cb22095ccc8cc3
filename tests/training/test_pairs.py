import numpy as np
from small_training import SmallNetwork, small_sequences

from bert_keras.training import (
    Objective,
    PairedData,
    TrainingSettings,
    make_optimizer,
)
from bert_keras.training.step import train_steps


def data(pairs=6):
    targets = np.arange(pairs, dtype=np.float32)
    return PairedData(small_sequences(2 * pairs), targets)


def test_a_batch_holds_both_texts_of_each_pair():
    pairs = data()
    chosen = np.array([4, 1])
    inputs, targets, weights = pairs.batch(chosen, None)
    expected = pairs.sequences.batch(np.array([8, 9, 2, 3]))
    for name, values in expected.items():
        np.testing.assert_array_equal(inputs[name], values)
    assert targets.tolist() == [4, 1]
    assert weights.tolist() == [1, 1]
    longer = [max(pairs.sequences.lengths[2 * i : 2 * i + 2]) for i in range(6)]
    assert pairs.lengths.tolist() == longer
    assert len(pairs) == 6


def test_weights_are_of_pairs():
    weighted = PairedData(
        small_sequences(4),
        np.zeros(2, np.float32),
        np.array([2, 3], np.float32),
    )
    assert weighted.batch(np.array([1]), None)[2].tolist() == [3]


def _updated(slices: int) -> list:
    network, pairs = SmallNetwork(dropout=0.0), data()

    def loss(targets, logits):
        both = logits[::2, 0] - logits[1::2, 0]
        return (both - targets) ** 2

    (step,) = train_steps(
        [Objective(network, pairs, loss)],
        make_optimizer(TrainingSettings(epochs=1)),
        global_clipnorm=1.0,
        gradient_accumulation_steps=slices,
    )
    step(*pairs.batch(np.arange(6), None))
    return [weight.numpy() for weight in network.weights]


def test_slices_keep_pairs_together():
    for whole, sliced in zip(_updated(1), _updated(4), strict=True):
        np.testing.assert_allclose(sliced, whole, atol=1e-6)
