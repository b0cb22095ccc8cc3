"""The files of a run that people read: metrics, mistakes, figures."""

import logging
from collections.abc import Callable

from bert_keras import metrics as measures
from bert_keras.tasks.state import TaskState
from bert_keras.training import RunFolder

logger = logging.getLogger(__name__)


def write_numbers(
    run: RunFolder,
    task: TaskState,
    history: list[dict],
    validation,
    answers: dict | None,
) -> None:
    """Writes history, metrics and the worst mistakes.

    Args:
        run: The run's folder.
        task: The trained task.
        history: One dict of metrics for each epoch.
        validation: The validation data, if there is any.
        answers: The task's answers to it, by name of the output.
    """
    run.write("history.json", history)
    if validation is not None and answers is not None:
        run.write("metrics.json", task.metrics)
        if rows := task.problem.mistakes(validation, answers):
            measures.write_mistakes_tsv(run.mistakes, rows)


def draw_training(
    run: RunFolder, task: TaskState, history: list[dict], validation, answers
) -> None:
    """Draws the learning curve and the task's own figures."""

    def figures() -> dict:
        drawn = learning_curve(history)
        if validation is not None:
            drawn |= task.problem.figures(validation, answers)
        return drawn

    draw(run, figures)


def learning_curve(history: list[dict]) -> dict:
    """Returns the figure of a training by its file name."""
    if not history:  # a callback ended the first epoch
        return {}
    return {"learning_curve": measures.plots.learning_curve(history)}


def draw(run: RunFolder, figures: Callable[[], dict]) -> None:
    """Writes figures, if they can be drawn.

    Args:
        run: The run's folder.
        figures: Returns figures by file name.
    """
    try:
        for name, figure in figures().items():
            measures.plots.save_figure(figure, run.plots / f"{name}.png")
    except Exception as error:  # a training must not fail for a figure
        logger.warning(
            "Figures were not drawn: %s",
            error,
            exc_info=not (
                isinstance(error, ImportError | OSError | MemoryError)
            ),
        )
