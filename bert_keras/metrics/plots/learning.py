"""Learning curves: loss, metrics and learning rate by epoch."""

import itertools
import math
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING

from bert_keras.metrics.names import words
from bert_keras.metrics.plots import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_VALIDATION = "val_"
_LOSS = "loss"
_METRICS = "metrics"
_RATE = "learning_rate"
# Numbers of an epoch that are not plotted.
_LEFT_OUT = ("epoch", "examples", "val_examples")

# One curve: (epoch, value) for each epoch that has a finite value.
Curve = list[tuple[float, float]]


def learning_curve(history: Sequence[dict]) -> "Figure":
    """Plots training by epoch, with a panel for each kind of number.

    Losses share a panel, and so do metrics between -1 and 1; other numbers,
    such as the learning rate, have their own. Training is dashed, validation
    solid, and a ring marks the lowest validation loss. Missing, infinite and
    nan values are left out.

    Args:
        history: A dict for each epoch, such as `{"epoch": 1, "loss": 0.6,
            "val_loss": 0.4, "val_accuracy": 0.8, "learning_rate": 3e-5}`.
            Without `"epoch"`, epochs are numbered from 1.

    Raises:
        ValueError: If the history contains no numbers.
        ImportError: If matplotlib is not installed.
    """
    curves = _curves(history)
    panels = _panels(curves)
    if not panels:
        raise ValueError(
            "Expected a history with at least one epoch and one number. "
            f"Received: {len(history)} epochs"
        )
    columns = min(3, len(panels))
    rows = math.ceil(len(panels) / columns)
    figure = canvas.new_figure(0.6 + 4.2 * columns, 3.4 * rows)
    for number, (title, names) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(rows, columns, number)
        _draw(axes, title, {name: curves[name] for name in names})
    return figure


def _curves(history: Sequence[dict]) -> dict[str, Curve]:
    curves = {}
    for number, record in enumerate(history, start=1):
        epoch = record.get("epoch", number)
        for name, value in record.items():
            if name in _LEFT_OUT or not isinstance(value, Real):
                continue
            if math.isfinite(value):
                curves.setdefault(name, []).append((epoch, float(value)))
    return curves


def _panels(curves: dict[str, Curve]) -> dict[str, list[str]]:
    """Returns the names of the curves in each panel, in drawing order."""
    panels = {_LOSS: [], _METRICS: []}
    large = {_plain(name) for name, curve in curves.items() if _is_large(curve)}
    # The learning rate comes last; `sorted` keeps the order of the others.
    for name in sorted(curves, key=lambda name: name == _RATE):
        plain = _plain(name)
        if "loss" in plain:
            panels[_LOSS].append(name)
        elif plain in large or name == _RATE:
            panels.setdefault(words(plain), []).append(name)
        else:
            panels[_METRICS].append(name)
    return {title: names for title, names in panels.items() if names}


def _is_large(curve: Curve) -> bool:
    # The margin allows for correlations rounded to just above 1.
    return any(abs(value) > 1 + 1e-6 for _, value in curve)


def _draw(axes: "Axes", title: str, curves: dict[str, Curve]) -> None:
    colours = dict(
        zip(
            dict.fromkeys(_plain(name) for name in curves),
            itertools.cycle(canvas.COLOURS),
        )
    )
    for name, curve in curves.items():
        _draw_curve(axes, name, curve, colours[_plain(name)])
    units = {_LOSS: "loss", _METRICS: "score"}
    heading = title[0].upper() + title[1:]
    canvas.style(axes, title=heading, x="epoch", y=units.get(title, title))
    _mark_lowest(axes, curves.get("val_loss", []))
    _scale(axes, curves)
    if _RATE not in curves:
        canvas.legend(axes)


def _draw_curve(axes: "Axes", name: str, curve: Curve, colour: str) -> None:
    # Filled markers tell validation from training even after one epoch.
    solid = name.startswith(_VALIDATION) or name == _RATE
    axes.plot(
        *zip(*curve, strict=True),
        color=colour,
        linestyle="-" if solid else "--",
        linewidth=1.8,
        marker="o" if len(curve) <= 30 else None,
        markersize=5,
        markerfacecolor=colour if solid else "white",
        label=_label(name),
    )


def _scale(axes: "Axes", curves: dict[str, Curve]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    epochs = [epoch for curve in curves.values() for epoch, _ in curve]
    first, last = min(epochs), max(epochs)
    margin = max(0.25, 0.04 * (last - first))
    # A single epoch is placed left, to leave room for the legend.
    axes.set_xlim(first - margin, last + (margin if last > first else 0.75))
    if _RATE in curves:
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}")


def _mark_lowest(axes: "Axes", curve: Curve) -> None:
    if len(curve) < 2:
        return
    epoch, lowest = min(curve, key=lambda point: point[1])
    axes.plot(
        [epoch],
        [lowest],
        linestyle="none",
        marker="o",
        markersize=11,
        markerfacecolor="none",
        markeredgecolor=canvas.INK,
        label=f"lowest: {lowest:.3g} (epoch {epoch:g})",
    )


def _plain(name: str) -> str:
    return name.removeprefix(_VALIDATION)


def _label(name: str) -> str:
    if name.startswith(_VALIDATION):
        return f"{words(_plain(name))}, validation"
    return f"{words(name)}, training"
