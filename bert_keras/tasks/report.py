"""What a run leaves to read and to look at."""

import logging
from collections.abc import Callable

from bert_keras import metrics as measures
from bert_keras.training import RunFolder

logger = logging.getLogger(__name__)


def write(
    run: RunFolder,
    task,
    history: list[dict],
    validation,
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

    def figures() -> dict:
        drawn = learning_curve(history)
        if validation is not None:
            drawn |= task.problem.figures(validation, answers)
        return drawn

    draw(run, figures)


def learning_curve(history: list[dict]) -> dict:
    """Returns the picture of a training by its file name."""
    if not history:  # a callback ended the first epoch
        return {}
    return {"learning_curve": measures.plots.learning_curve(history)}


def draw(run: RunFolder, figures: Callable[[], dict]) -> None:
    """Writes pictures, if they can be drawn.

    Args:
        run: The run's folder.
        figures: Returns figures by file name.
    """
    try:
        drawn = figures()
    except ImportError as error:
        # A training of hours is not lost for want of a picture.
        logger.warning("No pictures were drawn. %s", error)
        return
    for name, figure in drawn.items():
        measures.plots.save_figure(figure, run.plots / f"{name}.png")
