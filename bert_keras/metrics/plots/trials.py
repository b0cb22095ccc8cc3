"""The scores of the trials of a search."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bert_keras.metrics.names import words
from bert_keras.metrics.plots import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_RATE = "learning_rate"


def trials(rows: Sequence[dict], metric: str) -> "Figure":
    """Plots the score of each trial over its learning rate.

    If the learning rate was not searched, trials are plotted in order. Pruned
    trials are hollow; a ring marks the best one.

    Args:
        rows: The trials, best first, as dicts of `trial`, `score`, `state` and
            `settings`.
        metric: Name of the score, such as `"accuracy"`.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    by_rate = all(_RATE in row["settings"] for row in rows)
    figure = canvas.new_figure(5.2, 3.6)
    axes = figure.add_subplot()

    def draw(chosen: Sequence[dict], **options) -> None:
        if chosen:
            axes.plot(
                [
                    row["settings"][_RATE] if by_rate else row["trial"]
                    for row in chosen
                ],
                [row["score"] for row in chosen],
                linestyle="none",
                marker="o",
                **options,
            )

    scored = [row for row in rows if row["score"] is not None]
    draw(
        [row for row in scored if row["state"] == "complete"],
        color=canvas.BLUE,
        markersize=6,
        label="complete",
    )
    draw(
        [row for row in scored if row["state"] == "pruned"],
        color=canvas.GREY,
        markerfacecolor="white",
        markersize=6,
        label="pruned",
    )
    draw(
        scored[:1],
        markerfacecolor="none",
        markeredgecolor=canvas.INK,
        markersize=12,
        label=f"best: {scored[0]['score']:.3g} (trial {scored[0]['trial']})",
    )
    if by_rate:
        _scale_by_logarithm(axes)
    axes.margins(0.1, 0.2)
    name = words(metric)
    canvas.style(
        axes,
        title=f"{len(rows)} trials",
        x="learning rate" if by_rate else "trial",
        y=name,
    )
    canvas.legend(axes)
    return figure


def _scale_by_logarithm(axes: "Axes") -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0e}")
    axes.xaxis.set_minor_formatter(NullFormatter())
