"""Keras' own callbacks work as they do under `fit`."""

import csv

import keras
import pytest
from small_training import SmallNetwork, equal, run, weights_of


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


def test_tensorboard_as_it_comes(tmp_path):
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
