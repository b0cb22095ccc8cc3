"""What the loop does between steps: logs, stopping, failing."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_training import (
    MONITOR,
    SmallNetwork,
    equal,
    run,
    settings,
    small_data,
    squared_error,
    weights_of,
)

from bert_keras.training import (
    Monitor,
    Objective,
    OutOfMemory,
    TrainingDiverged,
    step,
    train,
)


def test_training_lowers_the_loss_and_logs_each_epoch():
    history, _ = run(epochs=6)
    assert [epoch["epoch"] for epoch in history] == [1, 2, 3, 4, 5, 6]
    assert set(history[0]) == {"epoch", "loss", "learning_rate", "val_loss"}
    assert history[-1]["val_loss"] < 0.7 * history[0]["val_loss"]
    # That of the last of 30 updates, three of which are the warm-up.
    assert history[-1]["learning_rate"] == pytest.approx(0.05 / 27)


def test_the_same_seed_gives_the_same_weights_bit_for_bit():
    first, again, other = run(), run(), run(seed=43)
    assert first[0] == again[0]
    assert equal(first[1], again[1])
    assert not equal(first[1], other[1])


def test_the_loss_of_an_epoch_is_the_mean_over_its_examples():
    data = small_data(7)  # batches of 4 and 3
    network = SmallNetwork(0.0)
    logits = network(data.sequences.batch(np.arange(7)))
    errors = squared_error(data.targets, logits.numpy())
    history, _ = run(
        network=network, data=data, epochs=1, learning_rate=0.0, batch_size=4
    )
    assert history[0]["loss"] == pytest.approx(errors.mean(), rel=1e-5)


@pytest.mark.parametrize("slices", [1, 2])
def test_nan_stops_with_what_to_try_and_keeps_what_was(tmp_path, slices):
    data = small_data()
    data.targets[5] = np.nan
    network, kept = SmallNetwork(), []
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda *_, **__: kept.append(weights_of(network))
    )
    state = tmp_path / "state"
    with pytest.raises(TrainingDiverged) as error:
        run(
            state,
            [watch],
            network=network,
            data=data,
            gradient_accumulation_steps=slices,
        )
    message = str(error.value)
    step = len(kept) + 1
    assert f"at step {step} (epoch 1)" in message
    assert "lower learning rate (now 0.05, try 0.02)" in message
    assert "longer warm-up (now 0.1, try 0.2)" in message
    after = weights_of(network)
    for name in ("words/embeddings", "dense/kernel"):
        expected = kept[-1] if kept else weights_of(SmallNetwork())
        np.testing.assert_array_equal(after[name], expected[name])
    # Run again with the bad example repaired, the training continues there.
    steps = []
    count = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda *_, **__: steps.append(1)
    )
    run(state, [count], gradient_accumulation_steps=slices)
    assert len(steps) == 15 - len(kept)


def test_running_out_of_memory_tells_the_shape_and_what_to_try(
    tmp_path, monkeypatch
):
    def full(self, *batch):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM, tensor [9]")

    monkeypatch.setattr(step.TrainStep, "__call__", full)
    with pytest.raises(OutOfMemory) as error:
        run(tmp_path / "state", gradient_accumulation_steps=2)
    message = str(error.value)
    assert "step 1" in message
    assert "4 sequences of" in message and "2 slice(s)" in message
    assert (
        "--gradient-accumulation-steps 4" in message
        and "batch_size=2" in message
    )
    assert (tmp_path / "state").exists()


def test_early_stopping_ends_and_restores_the_best_weights():
    network, kept = SmallNetwork(), []
    values = iter([3.0, 1.0, 2.0, 1.0, 5.0])
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_, **__: kept.append(weights_of(network))
    )
    history = train(
        network,
        [Objective(network, small_data(), squared_error)],
        settings(epochs=9, patience=2),
        evaluate=lambda: {"val_loss": next(values)},
        monitor=MONITOR,
        callbacks=[watch],
    )
    # No better than the second epoch for two epochs: the fourth is the last.
    assert [epoch["val_loss"] for epoch in history] == [3.0, 1.0, 2.0, 1.0]
    assert equal(weights_of(network), kept[1])
    assert not equal(weights_of(network), kept[3])


def test_without_early_stopping_the_last_weights_stay():
    network, kept = SmallNetwork(), []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_, **__: kept.append(weights_of(network))
    )
    run(network=network, callbacks=[watch], epochs=2)
    assert equal(weights_of(network), kept[-1])


@pytest.mark.parametrize(
    ("highest", "value", "best", "better"),
    [
        (True, 0.9, 0.8, True),
        (True, 0.8, 0.8, False),
        (False, 0.8, 0.9, True),
        (False, 0.9, 0.9, False),
        (True, 0.0, None, True),
    ],
)
def test_a_monitor_compares_values(highest, value, best, better):
    assert Monitor("x", highest).is_better(value, best) is better


def test_sampling_draws_the_likely_examples():
    sampling_probabilities = np.array([0.5, 0.5] + [0.0] * 18)
    data = small_data(sampling_probabilities=sampling_probabilities)
    network = SmallNetwork()
    before = network.words.embeddings.numpy()
    run(network=network, data=data, weight_decay=0.0, epochs=1)
    drawn = set(data.sequences.word_ids[: data.sequences.starts[2]].tolist())
    moved = np.any(network.words.embeddings.numpy() != before, axis=1)
    assert set(np.flatnonzero(moved).tolist()) == drawn
