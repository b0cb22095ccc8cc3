"""Keras' own callbacks work as they do under `fit`."""

import csv

import keras
import pytest
from small_training import MONITOR, SmallNetwork, equal, run, weights_of

from bert_keras.training.callbacks import prepare_callbacks


def test_every_hook_is_called_in_order():
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(f"train of {self.params['epochs']}")

        def on_epoch_begin(self, epoch, logs=None):
            seen.append(f"epoch {epoch}")

        def on_train_batch_begin(self, batch, logs=None):
            seen.append(f"batch {batch}")

        def on_train_batch_end(self, batch, logs=None):
            seen.append(sorted(logs))

        def on_epoch_end(self, epoch, logs=None):
            seen.append((epoch, sorted(logs)))

        def on_train_end(self, logs=None):
            seen.append("end")

    run(callbacks=[Watch()], epochs=1, batch_size=10)
    assert seen == [
        "train of 1",
        "epoch 0",
        "batch 0",
        ["loss"],
        "batch 1",
        ["loss"],
        (0, ["learning_rate", "loss", "val_loss"]),
        "end",
    ]


def test_csv_logger_and_history(tmp_path):
    history = keras.callbacks.History()
    logger = keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))
    told, _ = run(callbacks=[history, logger], epochs=2)
    with open(tmp_path / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["val_loss"]) for row in rows] == [
        epoch["val_loss"] for epoch in told
    ]
    assert history.history["loss"] == [epoch["loss"] for epoch in told]


def test_tensorboard_with_its_defaults(tmp_path):
    run(callbacks=[keras.callbacks.TensorBoard(str(tmp_path))], epochs=2)
    assert list(tmp_path.rglob("events.out.tfevents*"))


def test_keras_early_stopping_ends_the_training():
    stopper = keras.callbacks.EarlyStopping(
        "val_loss", patience=0, min_delta=1e9
    )
    history, _ = run(callbacks=[stopper], epochs=5)
    assert len(history) == 2


def test_a_checkpoint_of_keras_can_be_loaded_back(tmp_path):
    path = tmp_path / "last.weights.h5"
    keeper = keras.callbacks.ModelCheckpoint(str(path), save_weights_only=True)
    network = SmallNetwork()
    run(network=network, callbacks=[keeper], epochs=1)
    copy = SmallNetwork()
    copy.load_weights(path)
    names = [name for name in weights_of(copy) if "seed" not in name]
    assert equal(
        {name: weights_of(network)[name] for name in names},
        {name: weights_of(copy)[name] for name in names},
    )


def test_the_network_can_be_changed_between_epochs():
    class Freeze(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.dense.bias.assign([100.0])

    _, weights = run(callbacks=[Freeze()], epochs=1)
    assert weights["dense/bias"] == pytest.approx(100.0)


@pytest.mark.parametrize(("batch", "epochs"), [(0, 0), (3, 0), (4, 1)])
def test_a_callback_stops_within_an_epoch(batch, epochs):
    seen = []

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, number, logs=None):
            seen.append(number)
            if number == batch:
                self.model.stop_training = True

    history, _ = run(callbacks=[Stop()])
    assert seen == list(range(batch + 1))
    assert len(history) == epochs


def rates(callbacks=(), **settings):
    history, _ = run(callbacks=callbacks, **settings)
    return [epoch["learning_rate"] for epoch in history]


def test_a_scheduler_sets_the_rate_from_the_first_epoch():
    seen = []

    def rate(epoch, now):
        seen.append(now)
        return 0.1 / (epoch + 1)

    scheduler = keras.callbacks.LearningRateScheduler(rate)
    found = rates([scheduler], learning_rate=0.05, epochs=2)
    assert found == pytest.approx([0.1, 0.05])
    assert seen == pytest.approx([0.05, 0.1])


def test_the_rate_that_a_plateau_reduces_stays_reduced():
    plateau = keras.callbacks.ReduceLROnPlateau(
        "loss", factor=0.5, patience=0, min_delta=1e6
    )
    # No loss falls by a million: from the second epoch on each is a plateau.
    settings = {"learning_rate": 0.05, "warmup_ratio": 0.0, "epochs": 4}
    first, second, third, fourth = rates([plateau], **settings)
    assert [first, second] == pytest.approx(rates(**settings)[:2])
    assert third == pytest.approx(second / 2)
    assert fourth == pytest.approx(second / 4)


@pytest.mark.parametrize(
    ("watched", "mode"),
    [
        ("val_loss", "min"),
        ("loss", "min"),
        ("val_accuracy", "max"),
        ("val_mse", "min"),
        ("val_masked_lm_loss", "min"),
    ],
)
def test_callbacks_know_whether_higher_is_better(watched, mode):
    callback = keras.callbacks.EarlyStopping(watched)
    prepare_callbacks([callback], SmallNetwork(), MONITOR, epochs=1, steps=1)
    assert callback.mode == mode
    callback = keras.callbacks.EarlyStopping(watched, mode="max")
    prepare_callbacks([callback], SmallNetwork(), MONITOR, epochs=1, steps=1)
    assert callback.mode == "max"


def test_early_stopping_of_keras():
    stop = keras.callbacks.EarlyStopping("val_loss", min_delta=1e6, patience=2)
    history, _ = run(callbacks=[stop], epochs=9)
    assert len(history) == 3


def test_training_continues_from_a_backup(tmp_path):
    class Stop(Exception):
        pass

    class StopAfterTwo(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            epochs.append(epoch)
            if epoch == 2 and len(epochs) == 3:
                raise Stop

    def backup():
        return keras.callbacks.BackupAndRestore(str(tmp_path / "backup"))

    epochs = []
    network = SmallNetwork()
    with pytest.raises(Stop):
        run(callbacks=[backup(), StopAfterTwo()], network=network, epochs=4)
    left = weights_of(network)
    seen = []

    class Look(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            seen.append((epoch, weights_of(self.model)))

    run(callbacks=[backup(), Look()], network=SmallNetwork(), epochs=4)
    assert [epoch for epoch, _ in seen] == [2, 3]
    assert equal(seen[0][1], left)
