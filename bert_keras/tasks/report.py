"""What a run leaves to read and to look at, and answers as rows."""

import logging

import numpy as np

from bert_keras import metrics as measures
from bert_keras.contract import CLASSES, SCORES
from bert_keras.data import Examples
from bert_keras.training import RunFolder

logger = logging.getLogger(__name__)


def write(
    run: RunFolder,
    task,
    history: list[dict],
    validation: Examples | None,
    answers: dict | None,
) -> None:
    """Writes history, metrics, the worst mistakes and pictures.

    Args:
        run: The run's folder.
        task: The trained task.
        history: One dict of numbers for each epoch.
        validation: What it was measured on, if anything.
        answers: Its answers to that, by name of the output.
    """
    run.write("history.json", history)
    if validation is not None:
        run.write("metrics.json", task.metrics)
        if rows := task.problem.mistakes(validation, answers):
            measures.write_mistakes_tsv(run.mistakes, rows)
    try:
        figures = {}
        if history:  # none, if a callback ended the first epoch
            figures["learning_curve"] = measures.plots.learning_curve(history)
        if validation is not None:
            figures |= task.problem.pictures(validation, answers)
    except ImportError as error:
        # A training of hours is not lost for want of a picture.
        logger.warning("No pictures were drawn. %s", error)
        return
    for name, figure in figures.items():
        measures.plots.save_figure(figure, run.plots / f"{name}.png")


def answer_rows(answers: dict[str, np.ndarray]) -> list[dict]:
    """Turns outputs by name into one dict for each text.

    `classes` and `scores` become one dict of scores by label.

    Example:
        >>> answer_rows({"score": np.array([0.5])})
        [{'score': 0.5}]
    """
    plain = {name: _plain(values) for name, values in answers.items()}
    rows = [
        dict(zip(plain, row, strict=True))
        for row in zip(*plain.values(), strict=True)
    ]
    for row in rows:
        if CLASSES in row:
            names = row.pop(CLASSES)
            row[SCORES] = dict(zip(names, row[SCORES], strict=True))
    return rows


def _plain(values: np.ndarray) -> list:
    if values.dtype == object:
        values = np.vectorize(lambda value: value.decode(), otypes=[object])(
            values
        )
    return values.tolist()
