"""The trials of a search, saved in a file by Optuna."""

from collections.abc import Mapping
from pathlib import Path

import keras

from bert_keras.task_specs import require_optuna
from bert_keras.training import Monitor

_FOLDER, _SECONDS = "folder", "seconds"
_RANDOM_TRIALS = 5  # before Optuna uses the scores of earlier ones


class Trials:
    """All trials of a search, including those of earlier processes.

    An interrupted trial comes again, with its settings and its folder, in
    which its training resumes.

    Args:
        path: Path of the file.
        highest: Whether a higher score is better.
        seed: Seed of the proposals, together with the number of the trial: a
            resumed search proposes the same trials.
    """

    def __init__(self, path: Path, *, highest: bool, seed: int):
        self._optuna = require_optuna()
        self._seed = seed
        from optuna.storages.journal import JournalFileBackend

        journal = JournalFileBackend(str(path))
        self._study = self._optuna.create_study(
            study_name="search",
            storage=self._optuna.storages.JournalStorage(journal),
            direction="maximize" if highest else "minimize",
            pruner=self._optuna.pruners.MedianPruner(n_startup_trials=4),
            load_if_exists=True,
        )
        self._states = self._optuna.trial.TrialState
        for trial in self._study.get_trials(states=[self._states.RUNNING]):
            self._study.tell(trial.number, state=self._states.FAIL)
            self._study.enqueue_trial(
                trial.params, user_attrs={_FOLDER: folder_number(trial)}
            )

    def _latest(self) -> dict:
        """Returns the last trial of each folder, by the folder's number."""
        return {folder_number(t): t for t in self._study.get_trials()}

    def finished(self) -> list:
        """Returns the finished trials, in the order of their folders."""
        found = sorted(self._latest().items())
        return [trial for _, trial in found if trial.state.is_finished()]

    def ask(self):
        """Returns the next trial, without settings yet; see `propose`."""
        number = len(self._study.get_trials(deepcopy=False))
        self._study.sampler = self._optuna.samplers.TPESampler(
            seed=self._seed + number, n_startup_trials=_RANDOM_TRIALS
        )
        trial = self._study.ask()
        if _FOLDER not in trial.user_attrs:
            trial.set_user_attr(_FOLDER, len(self._latest()) - 1)
        return trial

    def is_best(self, score: float) -> bool:
        """Whether a score is better than those of all complete trials."""
        done = self._study.get_trials(states=[self._states.COMPLETE])
        highest = self._study.direction.name == "MAXIMIZE"
        monitor = Monitor("score", highest)
        return all(monitor.is_better(score, trial.value) for trial in done)

    def tell(self, trial, score: float | None, *, state: str, seconds: float):
        """Records how a trial ended: `complete`, `pruned` or `fail`."""
        trial.set_user_attr(_SECONDS, seconds)
        ended = self._states[state.upper()]
        value = score if ended is self._states.COMPLETE else None
        self._study.tell(trial, value, state=ended)

    def rows(self) -> list[dict]:
        """Returns the finished trials, complete ones first, then by score."""
        rows = [
            {
                "trial": folder_number(trial),
                "score": trial.value,
                "state": trial.state.name.lower(),
                "settings": dict(trial.params),
                "seconds": trial.user_attrs.get(_SECONDS),
            }
            for trial in self.finished()
        ]
        sign = -1 if self._study.direction.name == "MAXIMIZE" else 1

        def order(row: dict):
            score = row["score"]
            known = score is not None
            return row["state"] != "complete", sign * score if known else 0

        return sorted(rows, key=order)


def folder_number(trial) -> int:
    """Returns the number of the folder in which a trial is trained."""
    return trial.user_attrs.get(_FOLDER, trial.number)


class Watch(keras.callbacks.Callback):
    """Reports the score of each epoch to Optuna, and prunes the trial.

    Args:
        trial: The trial.
        monitor: The metric that is the score.
    """

    def __init__(self, trial, monitor: Monitor):
        super().__init__()
        self._trial = trial
        self._name = monitor.name
        self.pruned = False

    def on_epoch_end(self, epoch, logs: Mapping[str, float]):
        """Reports the epoch's score; stops the training if Optuna says so."""
        self._trial.report(logs[self._name], epoch)
        last = epoch + 1 == self.params["epochs"]
        if not last and self._trial.should_prune():
            self.pruned = True
            self.model.stop_training = True
