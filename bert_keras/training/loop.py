"""The training loop: epochs, steps, what happens in between, resuming.

`train` builds a `Training` and runs it: `run` is the loop over epochs,
`_train_epoch` the loop over batches, and `TrainStep` one update.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from bert_keras.settings import TrainingSettings
from bert_keras.training.callbacks import prepare_callbacks, sets_learning_rate
from bert_keras.training.errors import OutOfMemory, TrainingDiverged
from bert_keras.training.learning_rate import ScheduledRate
from bert_keras.training.objectives import Mixture, Objective
from bert_keras.training.optimization import (
    OptimizerChoice,
    make_optimizer,
    make_schedule,
)
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
    """The metric by which epochs are compared.

    Attributes:
        name: Its key in the logs of an epoch, such as `"val_accuracy"`.
        highest: Whether higher is better.
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
    objectives: Sequence[Objective],
    settings: TrainingSettings,
    *,
    monitor: Monitor,
    sampling_exponent: float = 1.0,
    choice: OptimizerChoice | None = None,
    evaluate: Callable[[], dict[str, float]] | None = None,
    state_path: Path | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[dict]:
    """Trains a network, or resumes a training that was interrupted.

    With the same seed, data and settings, a training on CPU is reproducible
    bit for bit, even if it is interrupted and resumed.

    Args:
        network: Holds all weights: the network of the only objective, or one
            that holds the networks of all objectives.
        objectives: One for each task.
        settings: Epochs, batch size and so on.
        monitor: The metric that early stopping looks at.
        sampling_exponent: See `Mixture`.
        choice: An optimizer or a schedule instead of the default ones.
        evaluate: Called after each epoch; returns metrics such as
            `val_accuracy`.
        state_path: File for the state of the training. If it exists, the
            training resumes from it.
        callbacks: Any Keras callbacks. Their own state is not restored when a
            training is resumed.

    Returns:
        One dict of logs for each epoch.

    Raises:
        TrainingDiverged: If the loss becomes NaN or infinite. The last good
            state is kept.
        OutOfMemory: If a step does not fit into memory.
    """
    mixture = Mixture(
        objectives,
        settings.batch_size,
        settings.seed,
        sampling_exponent,
        settings.steps_per_epoch,
    )
    choice = choice or OptimizerChoice()
    optimizer = make_optimizer(settings, choice)
    schedule = make_schedule(settings, settings.epochs * mixture.steps, choice)
    _seed_dropout(network, settings.seed)
    steps = train_steps(
        objectives,
        optimizer,
        global_clipnorm=None
        if choice.is_instance
        else settings.global_clipnorm,
        gradient_accumulation_steps=settings.gradient_accumulation_steps,
    )
    # Callbacks look for the optimizer where Keras' own `fit` keeps it.
    network.compile(optimizer=optimizer, jit_compile=False)
    if any(map(sets_learning_rate, callbacks)):
        schedule = None
    rate = ScheduledRate(optimizer, schedule)
    training = Training(network, mixture, steps, rate, settings, state_path)
    training.load()
    return training.run(
        prepare_callbacks(
            callbacks, network, monitor, settings.epochs, mixture.steps
        ),
        evaluate,
        monitor,
    )


class Training:
    """A training in progress.

    Args:
        network: Holds all weights.
        mixture: Decides which batch comes next.
        steps: A `TrainStep` for each objective.
        rate: Sets the learning rate.
        settings: Epochs, batch size and so on.
        state_path: File for the state; `None` saves none.
    """

    def __init__(
        self, network, mixture, steps, rate, settings, state_path: Path | None
    ):
        self.network = network
        self.mixture = mixture
        self.steps = steps
        self.rate = rate
        self.settings = settings
        self.state_path = state_path
        self.progress = Progress()
        self.best: dict[str, np.ndarray] = {}
        self.variables = all_variables(network, network.optimizer)
        self.saved_at = time.monotonic()

    # === The loops ===
    def run(self, callbacks, evaluate, monitor) -> list[dict]:
        """Trains to the end; returns one dict of logs for each epoch."""
        self.network.stop_training = False
        callbacks.on_train_begin()
        self._skip_restored_epochs()
        while self._continues():
            epoch = self.progress.epoch
            callbacks.on_epoch_begin(epoch)
            self._train_epoch(callbacks)
            if self.network.stop_training and self.progress.batch:
                break  # a callback ended the training within the epoch
            logs = self._finish_epoch(evaluate, monitor)
            callbacks.on_epoch_end(epoch, logs)
        for name, weight in all_weights(self.network).items():
            if self.best:
                weight.assign(self.best[name])
        callbacks.on_train_end()
        return self.progress.history

    def _train_epoch(self, callbacks) -> None:
        progress, plan = self.progress, self.mixture.epoch(self.progress.epoch)
        for number in range(progress.batch, len(plan)):
            task, indices = plan[number]
            objective = self.mixture.objectives[task]
            callbacks.on_train_batch_begin(number)
            start = time.monotonic()
            self.rate.before_update(progress.step)
            batch = objective.data.batch(indices, self._random(number))
            try:
                loss, finite = self.steps[task](*batch)
            except (tf.errors.ResourceExhaustedError, MemoryError) as error:
                self._fail(OutOfMemory, _shape(batch), error)
            if not finite:
                self._fail(TrainingDiverged, progress.epoch)
            progress.seconds += time.monotonic() - start
            progress.count(objective.name, loss, len(indices))
            callbacks.on_train_batch_end(number, progress.losses())
            if self.network.stop_training and number + 1 < len(plan):
                self.save()
                return
            if time.monotonic() - self.saved_at > self.settings.save_seconds:
                self.save()
        progress.batch = 0

    def _random(self, number: int) -> np.random.Generator:
        """Returns a batch's own generator, the same in a resumed training."""
        return np.random.default_rng(
            [self.settings.seed, self.progress.epoch, number]
        )

    def _continues(self) -> bool:
        return (
            self.progress.epoch < self.settings.epochs
            and not self.progress.stopped
            and not self.network.stop_training
        )

    # === Between epochs ===
    def _finish_epoch(self, evaluate, monitor: Monitor) -> dict:
        logs = self.progress.losses() | {"learning_rate": self.rate.value}
        if evaluate is not None:
            logs |= evaluate()
        self.progress.next_epoch(logs)
        if self.settings.patience:
            self._keep_best(logs, monitor)
        self.save()
        return logs

    def _keep_best(self, logs: dict, monitor: Monitor) -> None:
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

    # === State ===
    def load(self) -> None:
        """Restores the state from its file, if there is one."""
        if self.state_path is not None and self.state_path.exists():
            self.progress, self.best = restore_state(
                self.state_path, self.variables
            )
            self.rate.resume(self.progress.scheduled)

    def save(self) -> None:
        """Saves the state to its file, unless `state_path` is `None`."""
        self.progress.scheduled = self.rate.active
        if self.state_path is not None:
            save_state(
                self.state_path, self.variables, self.progress, self.best
            )
        self.saved_at = time.monotonic()

    def _skip_restored_epochs(self) -> None:
        """Continues where `keras.callbacks.BackupAndRestore` left off.

        After restoring the weights, that callback stores the number of
        finished epochs where Keras' own `fit` looks for it.
        """
        epochs = getattr(self.network, "_initial_epoch", None) or 0
        self.network._initial_epoch = None
        if epochs > self.progress.epoch:
            self.progress.epoch = epochs
            self.progress.step = epochs * self.mixture.steps
            self.rate.resume(self.rate.active)

    def _fail(self, error_class, detail, cause=None):
        """Saves the state, then raises an error that says what to try."""
        self.save()
        step = self.progress.step + 1
        raise error_class(step, detail, self.settings) from cause


def _shape(batch: tuple) -> tuple[int, int]:
    """Returns the number of sequences of a batch, and their length."""
    return next(iter(batch[0].values())).shape


def _seed_dropout(network: keras.Model, seed: int) -> None:
    """Sets the random state of every dropout layer from the seed."""
    states = [v for v in network.variables if "seed_generator" in v.path]
    for number, state in enumerate(states):
        state.assign(np.array([seed, number], np.uint32))
