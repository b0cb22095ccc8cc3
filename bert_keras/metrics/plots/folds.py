"""A metric of each fold of a cross-validation, with mean and deviation."""

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bert_keras.metrics.names import words
from bert_keras.metrics.plots import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def by_fold(values: Sequence[float], metric: str) -> "Figure":
    """Plots a metric of each fold.

    Dots are folds, the line is their mean, and the band is one standard
    deviation wide on either side.

    Args:
        values: The metric of each of two or more folds.
        metric: Its name, such as `"macro_f1"`.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    mean, deviation = statistics.fmean(values), statistics.stdev(values)
    figure = canvas.new_figure(4.8, 3.4)
    axes = figure.add_subplot()
    axes.axhspan(mean - deviation, mean + deviation, color=canvas.PALE)
    axes.axhline(mean, color=canvas.ORANGE, linewidth=1.5)
    numbers = range(1, len(values) + 1)
    axes.plot(numbers, values, "o", color=canvas.BLUE, markersize=7)
    axes.set_xticks(numbers)
    axes.set_xlim(0.5, len(values) + 0.5)
    name = words(metric)
    title = f"{name[0].upper()}{name[1:]} {mean:.3f} ± {deviation:.3f}"
    canvas.style(axes, title=title, x="fold", y=name)
    axes.grid(False, axis="x")
    return figure
