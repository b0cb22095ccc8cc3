"""The loop: epochs of steps, what happens between them, and resuming."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from bert_keras.settings import TrainingSettings
from bert_keras.training.errors import OutOfMemory, TrainingDiverged
from bert_keras.training.objectives import Objective, epoch_plan, plan_length
from bert_keras.training.optimization import make_optimizer
from bert_keras.training.state import (
    Progress,
    all_variables,
    all_weights,
    restore_state,
    save_state,
)
from bert_keras.training.step import train_steps


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
    parts: Sequence[Objective],
    settings: TrainingSettings,
    *,
    sampling_exponent: float = 1.0,
    evaluate: Callable[[], dict[str, float]] | None = None,
    monitor: Monitor,
    state_path: Path | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[dict]:
    """Trains a network, or goes on with a training that was cut off.

    With the same seed, data and settings, a training on CPU repeats bit for
    bit, whether or not it was cut off in between.

    Args:
        network: Holds all weights: that of the only part, or one that holds
            the networks of all parts.
        parts: What is learned; one for each task.
        settings: Epochs, batch size and the rest.
        sampling_exponent: How often each part has its turn; see `turns`.
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
    batches_per_epoch = plan_length(
        parts, settings.batch_size, sampling_exponent=sampling_exponent
    )
    optimizer = make_optimizer(
        settings, total_steps=settings.epochs * batches_per_epoch
    )
    _seed_dropout(network, settings.seed)
    steps = train_steps(
        parts,
        optimizer,
        global_clipnorm=settings.global_clipnorm,
        gradient_accumulation_steps=settings.gradient_accumulation_steps,
    )

    def plan(epoch: int) -> list:
        return epoch_plan(
            parts,
            settings.batch_size,
            seed=settings.seed,
            epoch=epoch,
            sampling_exponent=sampling_exponent,
        )

    # Callbacks look for the optimizer where Keras' own `fit` keeps it.
    network.compile(optimizer=optimizer, jit_compile=False)
    loop = _Loop(network, parts, settings, steps, plan, optimizer, state_path)
    calls = keras.callbacks.CallbackList(
        list(callbacks),
        model=network,
        epochs=settings.epochs,
        steps=batches_per_epoch,
    )
    return loop.run(calls, evaluate, monitor)


class _Loop:
    def __init__(
        self, network, parts, settings, steps, plan, optimizer, state_path
    ):
        self.network = network
        self.parts = parts
        self.settings = settings
        self.steps = steps
        self.plan = plan
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
            for name, weight in all_weights(self.network).items():
                weight.assign(self.best[name])
        calls.on_train_end()
        return self.progress.history

    def _goes_on(self) -> bool:
        return (
            self.progress.epoch < self.settings.epochs
            and not self.progress.stopped
            and not self.network.stop_training
        )

    def _train_epoch(self, calls):
        progress, plan = self.progress, self.plan(self.progress.epoch)
        for number in range(progress.batch, len(plan)):
            part, indices = plan[number]
            calls.on_train_batch_begin(number)
            start = time.monotonic()
            loss = self._train_batch(number, part, indices)
            progress.seconds += time.monotonic() - start
            progress.batch = number + 1
            progress.step += 1
            progress.count(self.parts[part].name, loss, len(indices))
            calls.on_train_batch_end(number, progress.losses())
            if self.network.stop_training and number + 1 < len(plan):
                self.save()
                return
            if time.monotonic() - self.saved_at > self.settings.save_seconds:
                self.save()
        progress.batch = 0

    def _train_batch(self, number, part, indices) -> float:
        # Drawn anew for each batch, so that a resumed training draws the same.
        random = np.random.default_rng(
            [self.settings.seed, self.progress.epoch, number]
        )
        inputs, targets, weights = self.parts[part].data.batch(indices, random)
        try:
            loss, finite = self.steps[part](inputs, targets, weights)
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

    def _finish_epoch(self, evaluate, monitor) -> dict:
        progress = self.progress
        logs = progress.losses() | {
            "learning_rate": float(self.optimizer.learning_rate)
        }
        if evaluate is not None:
            logs |= evaluate()
        progress.history.append({"epoch": progress.epoch + 1, **logs})
        progress.epoch += 1
        progress.sums, progress.rows = {}, {}
        if self.settings.patience:
            self._keep_best(logs, monitor)
        self.save()
        return logs

    def _keep_best(self, logs, monitor):
        progress = self.progress
        if monitor.is_better(logs[monitor.name], progress.best_value):
            progress.best_value = logs[monitor.name]
            progress.best_epoch = progress.epoch
            self.best = {
                name: weight.numpy()
                for name, weight in all_weights(self.network).items()
            }
        waited = progress.epoch - progress.best_epoch
        progress.stopped = waited >= self.settings.patience

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
