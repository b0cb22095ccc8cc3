"""The confusion matrix as a figure, for 2 to about 100 classes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_keras.metrics import checks
from bert_keras.metrics.plots import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS_PER_INCH = 72
# Width of a digit in DejaVu Sans, as a share of the font size.
_DIGIT = 0.64
_SMALLEST, _LARGEST = 6.0, 11.0
# Names are rotated by 45 degrees if cells have at least this side in inches.
_ROTATED = 0.3


def confusion_matrix(
    matrix: Sequence[Sequence[int]], labels: Sequence[str]
) -> "Figure":
    """Plots how often each label was predicted for each true label.

    The colour is the share of the row, so that rare labels are as visible as
    frequent ones; the row of a label without examples is grey. The colour
    scale is the square root of the share, so that a few mistakes among many
    labels are visible. Counts are shown if all of them fit into their cells.

    Args:
        matrix: Counts, int [classes, classes], a row for each true label and a
            column for each predicted one.
        labels: Names of the classes, in that order.

    Raises:
        ValueError: If the matrix is not square, or does not match the labels.
        ImportError: If matplotlib is not installed.
    """
    names = checks.check_labels(labels)
    counts = np.asarray(matrix)
    if counts.shape != (len(names), len(names)):
        raise ValueError(
            f"Expected a matrix of shape [{len(names)}, {len(names)}], a row "
            f"and a column for each label. Received: shape={counts.shape}"
        )
    totals = counts.sum(axis=1, keepdims=True)  # [classes, 1]
    shares = np.ma.masked_where(
        np.broadcast_to(totals == 0, counts.shape),
        counts / np.maximum(totals, 1),
    )
    cell = _cell_inches(len(names))
    side = cell * len(names)
    name_width = 0.08 * max(len(canvas.short(name)) for name in names)
    # Names below large cells are rotated by 45 degrees, and need less room.
    name_height = name_width * (0.85 if cell >= _ROTATED else 1)
    figure = canvas.new_figure(
        side + name_width + 1.8, max(side, 1.6) + name_height + 1.2
    )
    axes = figure.add_subplot()
    _draw_shares(figure, axes, shares)
    _name_axes(axes, names, cell)
    axes.set_title(_title(counts), loc="left", fontsize=11, color=canvas.INK)
    size = _count_size(counts, cell)
    if size >= _SMALLEST:
        _write_counts(axes, counts, shares, size)
    return figure


def _cell_inches(classes: int) -> float:
    """Returns the side of a cell: 0.9 inches at 2 classes, 0.16 at 77."""
    return float(np.clip(5.6 / classes, 0.16, 0.9))


def _draw_shares(figure: "Figure", axes: "Axes", shares: np.ndarray) -> None:
    from matplotlib.colors import PowerNorm

    axes.set_facecolor(canvas.PALE)
    image = axes.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, 0, 1))
    ticks = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1]
    bar = figure.colorbar(
        image, ax=axes, shrink=0.7, aspect=30, pad=0.02, ticks=ticks
    )
    bar.ax.set_yticklabels([f"{tick:.0%}" for tick in ticks])
    bar.ax.minorticks_off()
    bar.ax.tick_params(labelsize=8.5, colors=canvas.INK)
    bar.set_label(
        "share of the true label's examples", fontsize=9.5, color=canvas.INK
    )
    bar.outline.set_visible(False)


def _name_axes(axes: "Axes", names: list[str], cell: float) -> None:
    ticks = range(len(names))
    shown = [canvas.short(name) for name in names]
    size = min(9.5, 0.72 * cell * _POINTS_PER_INCH)
    widest = max(len(name) for name in shown) * _DIGIT * size
    text = {
        "fontsize": size,
        "fontfamily": canvas.label_fonts(),
        "color": canvas.INK,
        "parse_math": False,
    }
    axes.set_xticks(ticks, shown, **_rotation(widest, cell), **text)
    axes.set_yticks(ticks, shown, **text)
    axes.set_xlabel("predicted label", fontsize=9.5, color=canvas.INK)
    axes.set_ylabel("true label", fontsize=9.5, color=canvas.INK)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    # White lines between the cells, at the minor ticks.
    borders = np.arange(len(names) + 1) - 0.5
    axes.set_xticks(borders, minor=True)
    axes.set_yticks(borders, minor=True)
    axes.grid(which="minor", color="white", linewidth=min(1.5, 4 * cell))
    axes.tick_params(which="minor", length=0)


def _rotation(widest: float, cell: float) -> dict[str, object]:
    """Returns the rotation at which names of this width do not touch."""
    if widest < 0.95 * cell * _POINTS_PER_INCH:
        return {"rotation": 0}
    if cell < _ROTATED:
        return {"rotation": 90}
    return {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}


def _title(counts: np.ndarray) -> str:
    total = int(counts.sum())
    if not total:
        return "Confusion matrix of no examples"
    right = np.trace(counts) / total
    return f"Confusion matrix\n{total:,} examples, {right:.1%} correct"


def _count_size(counts: np.ndarray, cell: float) -> float:
    """Returns the font size in points at which the longest count fits."""
    digits = len(str(int(counts.max())))
    room = 0.85 * cell * _POINTS_PER_INCH
    return min(_LARGEST, room / (_DIGIT * digits), 0.6 * room)


def _write_counts(
    axes: "Axes", counts: np.ndarray, shares: np.ndarray, size: float
) -> None:
    for (row, column), count in np.ndenumerate(counts):
        # Zeros are shown by colour only; digits would hide the others.
        if not count:
            continue
        axes.text(
            column,
            row,
            str(int(count)),
            ha="center",
            va="center",
            fontsize=size,
            color="white" if shares[row, column] > 0.35 else canvas.INK,
        )
