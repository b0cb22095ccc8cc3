"""Predictions and truth: calibration, and predicted against true values."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert_keras.metrics import checks
from bert_keras.metrics.names import words
from bert_keras.metrics.plots import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def reliability(bins: Sequence[dict], calibration_error: float) -> "Figure":
    """Plots the accuracy of a classifier at each confidence.

    Bars that end on the diagonal are calibrated; below it the model is
    overconfident. The lower panel shows the number of predictions in each bar.
    After Guo et al. 2017 (https://arxiv.org/abs/1706.04599), figure 1.

    Args:
        bins: `reliability` from `classification_metrics`.
        calibration_error: `calibration_error` from it, 0.0 to 1.0.

    Raises:
        ValueError: If there are no bins.
        ImportError: If matplotlib is not installed.
    """
    if not bins:
        raise ValueError("Expected at least one bin. Received none.")
    figure = canvas.new_figure(5.2, 5.6)
    upper, lower = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 1)}
    )
    middles = (np.arange(len(bins)) + 0.5) / len(bins)
    _draw_accuracy(upper, bins, middles)
    canvas.style(
        upper,
        title="Reliability\n"
        f"expected calibration error {calibration_error:.1%}",
        x="",
        y="accuracy",
    )
    canvas.legend(upper, loc="upper left")
    counts = [row["count"] for row in bins]
    lower.bar(middles, counts, 0.92 / len(bins), color=canvas.GREY)
    canvas.style(
        lower,
        title="",
        x="confidence (probability of the predicted label)",
        y="predictions",
    )
    return figure


def _draw_accuracy(
    axes: "Axes", bins: Sequence[dict], middles: np.ndarray
) -> None:
    filled = [number for number, row in enumerate(bins) if row["count"]]
    accuracy = np.array([bins[number]["accuracy"] for number in filled])
    confidence = np.array([bins[number]["confidence"] for number in filled])
    width = 0.92 / len(bins)
    axes.bar(
        middles[filled], accuracy, width, color=canvas.SKY, label="accuracy"
    )
    axes.bar(
        middles[filled],
        confidence - accuracy,
        width,
        bottom=accuracy,
        facecolor="none",
        edgecolor=canvas.ORANGE,
        hatch="////",
        linewidth=0.8,
        label="gap to the mean confidence",
    )
    axes.plot(
        [0, 1], [0, 1], "--", color=canvas.INK, linewidth=1, label="calibrated"
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)


def predicted_against_true(targets, predictions, metrics: dict) -> "Figure":
    """Plots each prediction of a regressor over its true value.

    Args:
        targets: True values, float [n].
        predictions: Predicted values, float [n].
        metrics: Result of `regression_metrics`, shown in the figure.

    Raises:
        ValueError: If the lengths differ, there are no examples, or a value is
            not finite.
        ImportError: If matplotlib is not installed.
    """
    targets, predictions = checks.check_pairs(targets, predictions)
    figure = canvas.new_figure(5.4, 5.4)
    axes = figure.add_subplot()
    low = min(targets.min(), predictions.min())
    high = max(targets.max(), predictions.max())
    margin = 0.05 * (high - low) or 0.5
    ends = (low - margin, high + margin)
    axes.plot(ends, ends, "--", color=canvas.INK, linewidth=1, label="exact")
    axes.scatter(
        targets,
        predictions,
        s=16,
        color=canvas.BLUE,
        # Many points overlap: transparency shows their density.
        alpha=float(np.clip(12 / np.sqrt(len(targets)), 0.1, 0.8)),
        linewidths=0,
        label="example",
    )
    axes.set_xlim(ends)
    axes.set_ylim(ends)
    axes.set_aspect("equal")
    canvas.style(
        axes,
        title=f"Predicted against true\n{len(targets):,} examples",
        x="true value",
        y="predicted value",
    )
    canvas.legend(axes, loc="upper left")
    _write_metrics(axes, metrics)
    return figure


def _write_metrics(axes: "Axes", metrics: dict) -> None:
    shown = [
        f"{words(name)} {metrics[name]:.3f}"
        for name in ("pearson", "spearman", "mae", "mse", "r2")
        if name in metrics
    ]
    axes.text(
        0.97,
        0.03,
        "\n".join(shown),
        transform=axes.transAxes,
        ha="right",
        va="bottom",
        fontsize=8.5,
        color=canvas.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )
