"""The loop: epochs of steps, what happens between them, and resuming."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from bert_keras.training.batches import epoch_batches
from bert_keras.training.data import TrainingData
from bert_keras.training.errors import OutOfMemory, TrainingDiverged
from bert_keras.training.optimization import make_optimizer
from bert_keras.training.settings import TrainingSettings
from bert_keras.training.state import (
    Progress,
    all_variables,
    restore_state,
    save_state,
)
from bert_keras.training.step import Loss, TrainStep


@dataclasses.dataclass(frozen=True)
class Monitor:
    """Which number says that one epoch is better than another.

    Attributes:
        name: Key of the epoch's logs, `"val_accuracy"` for example.
        highest: Whether more is better.
    """

    name: str
    highest: bool

    def is_better(self, value: float, best: float | None) -> bool:
        """Whether `value` beats `best`, the best so far."""
        if best is None:
            return True
        return value > best if self.highest else value < best


def train(
    network: keras.Model,
    data: TrainingData,
    loss: Loss,
    settings: TrainingSettings,
    *,
    evaluate: Callable[[], dict[str, float]] | None = None,
    monitor: Monitor,
    state_path: Path | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[dict]:
    """Trains a network, or goes on with a training that was cut off.

    With the same seed, data and settings, a training on CPU repeats bit for
    bit, whether or not it was cut off in between.

    Args:
        network: Encoder inputs in, logits out.
        data: What it learns from: `TrainingData`, or what offers the same.
        loss: Targets and logits to the loss of each row.
        settings: Epochs, batch size and the rest.
        evaluate: Called after each epoch, returns numbers such as
            `val_accuracy`.
        monitor: What early stopping looks at.
        state_path: File that keeps the training's state. If it is there, the
            training goes on from it.
        callbacks: Any Keras callbacks. Their own state is not kept when a
            training is resumed.

    Returns:
        One dict of numbers for each epoch.

    Raises:
        TrainingDiverged: If the loss turns NaN or infinite. The last good
            state is kept.
        OutOfMemory: If a step does not fit.
    """
    batches_per_epoch = -(-len(data) // settings.batch_size)
    optimizer = make_optimizer(
        settings, total_steps=settings.epochs * batches_per_epoch
    )
    _seed_dropout(network, settings.seed)
    step = TrainStep(
        network,
        loss,
        optimizer,
        clip_norm=settings.clip_norm,
        specs=data.specs,
        accumulation=settings.accumulation,
    )
    # Callbacks look for the optimizer where Keras' own `fit` keeps it.
    network.compile(optimizer=optimizer, jit_compile=False)
    loop = _Loop(network, data, settings, step, optimizer, state_path)
    calls = keras.callbacks.CallbackList(
        list(callbacks),
        model=network,
        epochs=settings.epochs,
        steps=batches_per_epoch,
    )
    return loop.run(calls, evaluate, monitor)


class _Loop:
    def __init__(self, network, data, settings, step, optimizer, state_path):
        self.network = network
        self.data = data
        self.settings = settings
        self.step = step
        self.optimizer = optimizer
        self.state_path = state_path
        self.variables = all_variables(network, optimizer)
        self.progress, self.best = Progress(), {}
        if state_path is not None and state_path.exists():
            self.progress, self.best = restore_state(state_path, self.variables)
        self.saved_at = time.monotonic()

    def run(self, calls, evaluate, monitor) -> list[dict]:
        self.network.stop_training = False
        calls.on_train_begin()
        while self._goes_on():
            epoch = self.progress.epoch
            calls.on_epoch_begin(epoch)
            self._train_epoch(calls)
            if self.network.stop_training and self.progress.batch:
                break  # a callback ended the training within the epoch
            logs = self._finish_epoch(evaluate, monitor)
            calls.on_epoch_end(epoch, logs)
        if self.best:
            for weight in self.network.weights:
                weight.assign(self.best[weight.path])
        calls.on_train_end()
        return self.progress.history

    def _goes_on(self) -> bool:
        return (
            self.progress.epoch < self.settings.epochs
            and not self.progress.stopped
            and not self.network.stop_training
        )

    def _train_epoch(self, calls):
        batches = epoch_batches(
            self.data.lengths,
            self.settings.batch_size,
            seed=self.settings.seed,
            epoch=self.progress.epoch,
            chances=self.data.chances,
        )
        for number in range(self.progress.batch, len(batches)):
            calls.on_train_batch_begin(number)
            start = time.monotonic()
            loss = self._train_batch(number, batches[number])
            self.progress.seconds += time.monotonic() - start
            self.progress.batch = number + 1
            self.progress.step += 1
            self.progress.loss_sum += loss * len(batches[number])
            self.progress.rows += len(batches[number])
            calls.on_train_batch_end(number, self._batch_logs())
            if self.network.stop_training and number + 1 < len(batches):
                self.save()
                return
            if time.monotonic() - self.saved_at > self.settings.save_seconds:
                self.save()
        self.progress.batch = 0

    def _train_batch(self, number, indices) -> float:
        # Drawn anew for each batch, so that a resumed training draws the same.
        random = np.random.default_rng(
            [self.settings.seed, self.progress.epoch, number]
        )
        inputs, targets, weights = self.data.batch(indices, random)
        try:
            loss, finite = self.step(inputs, targets, weights)
        except (tf.errors.ResourceExhaustedError, MemoryError) as error:
            self.save()
            shape = next(iter(inputs.values())).shape
            raise OutOfMemory(
                self.progress.step + 1, shape, self.settings
            ) from error
        if not finite:
            self.save()
            raise TrainingDiverged(
                self.progress.step + 1, self.progress.epoch, self.settings
            )
        return loss

    def _batch_logs(self) -> dict:
        return {"loss": self.progress.loss_sum / self.progress.rows}

    def _finish_epoch(self, evaluate, monitor) -> dict:
        progress = self.progress
        logs = self._batch_logs() | {
            "learning_rate": float(self.optimizer.learning_rate)
        }
        if evaluate is not None:
            logs |= evaluate()
        progress.history.append({"epoch": progress.epoch + 1, **logs})
        progress.epoch += 1
        progress.loss_sum, progress.rows = 0.0, 0
        if self.settings.early_stopping:
            self._keep_best(logs, monitor)
        self.save()
        return logs

    def _keep_best(self, logs, monitor):
        progress = self.progress
        if monitor.is_better(logs[monitor.name], progress.best_value):
            progress.best_value = logs[monitor.name]
            progress.best_epoch = progress.epoch
            self.best = {
                weight.path: weight.numpy() for weight in self.network.weights
            }
        waited = progress.epoch - progress.best_epoch
        progress.stopped = waited >= self.settings.early_stopping

    def save(self):
        if self.state_path is not None:
            save_state(
                self.state_path, self.variables, self.progress, self.best
            )
        self.saved_at = time.monotonic()


def _seed_dropout(network: keras.Model, seed: int) -> None:
    """Sets the random state of every dropout layer from the seed."""
    states = [v for v in network.variables if "seed_generator" in v.path]
    for number, state in enumerate(states):
        state.assign(np.array([seed, number], np.uint32))
