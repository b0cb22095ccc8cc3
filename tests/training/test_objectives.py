"""Several objectives: how batches are mixed, what an update leaves alone."""

import keras
import numpy as np
import pytest
from small_training import MONITOR, equal, settings, small_data, squared_error
from test_resume import Cut, CutAt

from bert_keras.contract import INPUT_WORD_IDS
from bert_keras.training import Objective, make_optimizer, train
from bert_keras.training.batches import epoch_batches
from bert_keras.training.objectives import Mixture
from bert_keras.training.step import train_steps


@pytest.mark.parametrize(
    ("sizes", "sampling_exponent", "shares"),
    [
        ([9, 1], 1.0, [9, 1]),
        ([9, 1], 0.0, [5, 5]),
        ([900, 100], 0.5, [750, 250]),
        ([1, 1, 2], 1.0, [1, 1, 2]),
        ([1000, 1, 1], 0.0, [334, 334, 334]),
        ([7], 0.3, [7]),
    ],
)
def test_shares(sizes, sampling_exponent, shares):
    mixture = Mixture([], 4, 1, sampling_exponent)
    assert mixture.shares(sizes) == shares


def mixture(*counts, seed=1, **options):
    objectives = [Objective(None, small_data(n), None) for n in counts]
    return Mixture(objectives, 4, seed, **options)


def test_by_default_each_example_comes_once_per_epoch():
    for epoch in (0, 1):
        plan = mixture(20, 7).epoch(epoch)
        assert len(plan) == mixture(20, 7).steps == 7
        for number, count in enumerate((20, 7)):
            rows = np.concatenate([r for task, r in plan if task == number])
            assert sorted(rows.tolist()) == list(range(count))


def test_objectives_alternate_and_repeat_with_the_seed():
    def order(seed, epoch):
        return [task for task, _ in mixture(40, 40, seed=seed).epoch(epoch)]

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(2, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != sorted(order(1, 0))


def test_small_data_repeats_and_large_data_continues():
    """Equal shares of 5 and 2 batches: 4 each, wherever an epoch ends."""
    seen = {0: [], 1: []}
    for epoch in range(5):
        plan = mixture(20, 8, sampling_exponent=0.0).epoch(epoch)
        for task, rows in plan:
            seen[task].append(rows.tolist())
    assert [len(rows) for rows in seen.values()] == [20, 20]
    counts = np.bincount(np.concatenate(seen[0]), minlength=20)
    assert counts.tolist() == [4] * 20
    counts = np.bincount(np.concatenate(seen[1]), minlength=8)
    assert counts.tolist() == [10] * 8


def test_a_single_objective_has_the_batches_that_it_has_alone():
    plan = mixture(20, seed=3, sampling_exponent=0).epoch(2)
    alone = epoch_batches(small_data(20).lengths, 4, seed=3, epoch=2)
    assert [rows.tolist() for _, rows in plan] == [r.tolist() for r in alone]


def test_steps_per_epoch_continue_where_the_last_epoch_ended():
    three = mixture(20, steps_per_epoch=3)
    assert three.steps == 3
    batches = [rows.tolist() for e in range(5) for _, rows in three.epoch(e)]
    assert len(batches) == 15
    # 15 batches of 4 are three passes over 20 examples.
    for start in (0, 5, 10):
        seen = np.concatenate(batches[start : start + 5])
        assert sorted(seen.tolist()) == list(range(20))


class Scaled(keras.Model):
    """Answers shared * own * first word."""

    def __init__(self, shared):
        super().__init__(name="scaled")
        self.shared = shared
        self.own = self.add_weight((1,), initializer="ones", name="kernel")
        self.dropout = keras.layers.Dropout(0.3)
        self.built = True

    def call(self, inputs, training=None):
        first = keras.ops.cast(inputs[INPUT_WORD_IDS][:, :1], "float32")
        return self.dropout(first, training=training) * self.own * self.shared.w


class Shared(keras.layers.Layer):
    def __init__(self):
        super().__init__(name="shared")
        self.w = self.add_weight((1,), initializer="ones", name="kernel")
        self.built = True


class Both(keras.Model):
    def __init__(self):
        super().__init__(name="both")
        shared = Shared()
        self.networks = [Scaled(shared), Scaled(shared)]
        self.built = True


def two_objectives(both):
    return [
        Objective(network, small_data(count), squared_error, name)
        for network, count, name in zip(
            both.networks, (20, 8), ("large", "small"), strict=True
        )
    ]


def test_a_batch_leaves_the_weights_of_other_objectives_alone():
    both = Both()
    one, other = both.networks
    optimizer = make_optimizer(
        settings(learning_rate=0.1, warmup_ratio=0.0, weight_decay=0.5),
    )
    objectives = two_objectives(both)
    steps = train_steps(objectives, optimizer, global_clipnorm=1e6)

    def take(number):
        steps[number](*objectives[number].data.batch(np.arange(4), None))

    for _ in range(3):  # moments and a count, none of them of the other head
        take(0)
    assert other.own.numpy() == [1.0]
    assert one.own.numpy() != [1.0] and one.shared.w.numpy() != [1.0]
    before = one.own.numpy()
    take(1)
    assert one.own.numpy() == before
    # The first update of AdamW, though the optimizer's fourth: a full step.
    moved = other.own.numpy() - (1 - 0.1 * 0.5)
    assert abs(moved) == pytest.approx(0.1, rel=0.01)


def run(path=None, calls=(), **changes):
    both = Both()
    history = train(
        both,
        two_objectives(both),
        settings(**changes),
        sampling_exponent=0.5,
        evaluate=lambda: {"val_loss": float(both.networks[0].own[0])},
        monitor=MONITOR,
        state_path=path,
        callbacks=calls,
    )
    return history, {i: w.numpy() for i, w in enumerate(both.weights)}


def test_logs_name_each_objective():
    history, _ = run()
    assert set(history[0]) == {
        *("epoch", "loss", "large_loss", "small_loss"),
        *("learning_rate", "val_loss"),
    }
    low, high = sorted([history[0]["large_loss"], history[0]["small_loss"]])
    assert low < history[0]["loss"] < high


@pytest.mark.parametrize("patience", [0, 1])
def test_cut_off_and_resumed(tmp_path, patience):
    options = {"save_seconds": 0, "patience": patience}
    expected = run(**options)
    for steps in (3, 6):
        with pytest.raises(Cut):
            run(tmp_path / "state", [CutAt([steps])], **options)
    history, weights = run(tmp_path / "state", **options)
    assert history == expected[0]
    assert equal(weights, expected[1])
