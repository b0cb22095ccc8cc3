import itertools
import math
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bert_keras.metrics import plots, regression_metrics, reliability_bins
from bert_keras.metrics.plots import canvas

pytest.importorskip("matplotlib")

EPOCHS = [
    {
        "epoch": epoch,
        "loss": 1 / epoch,
        "val_loss": 0.5 + abs(epoch - 2) / 10,
        "val_accuracy": 1 - 0.5 / epoch,
        "learning_rate": 3e-5 / epoch,
    }
    for epoch in (1, 2, 3)
]


def labels_of(classes: int) -> list[str]:
    return [f"a_rather_long_label_number_{n}" for n in range(classes)]


def matrix_of(classes: int) -> np.ndarray:
    return np.eye(classes, dtype=int) * 120 + np.eye(classes, k=1, dtype=int)


def drawn(figure):
    """Returns the figure after a rendering, with all places computed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure).draw()
    return figure


def assert_nothing_cut_off(figure):
    box = drawn(figure).get_tightbbox()
    width, height = figure.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0
    assert box.x1 <= width and box.y1 <= height


def png_size(path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", data[16:24])


def all_figures():
    bins = reliability_bins([0.3, 0.6, 0.9], [False, True, True])
    metrics = regression_metrics([1, 2, 3], [1, 2, 5])
    return [
        plots.learning_curve(EPOCHS),
        plots.confusion_matrix(matrix_of(2), ["no", "yes"]),
        plots.reliability(bins, 0.1),
        plots.predicted_against_true([1, 2, 3], [1, 2, 5], metrics),
    ]


def test_every_picture_is_whole():
    for figure in all_figures():
        assert_nothing_cut_off(figure)


def test_file_has_150_dots_per_inch_and_the_same_bytes(tmp_path):
    for number, (one, other) in enumerate(
        zip(all_figures(), all_figures(), strict=True)
    ):
        first = tmp_path / f"first{number}.png"
        second = tmp_path / "folder" / f"second{number}.png"
        plots.save_figure(one, first)
        plots.save_figure(other, second)
        width, height = one.get_size_inches()
        pixels = (width * 150, height * 150)
        assert png_size(first) == pytest.approx(pixels, abs=1)
        assert first.read_bytes() == second.read_bytes()
        assert b"matplotlib" not in first.read_bytes()
    assert len(list(tmp_path.iterdir())) == 5  # no temporary file is left


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"ending in \.png"):
        plots.save_figure(plots.learning_curve(EPOCHS), tmp_path / "a.pdf")


def test_figures_are_drawn_in_threads_without_pyplot(tmp_path):
    def draw(number):
        path = tmp_path / f"{number}.png"
        plots.save_figure(plots.learning_curve(EPOCHS), path)
        return path.read_bytes()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(draw, range(4)))) == 1


def test_import_is_quick_and_no_picture_loads_pyplot():
    program = (
        "import sys; from bert_keras.metrics import plots; "
        "heavy = {'matplotlib', 'scipy', 'sklearn', 'rich', 'tensorflow'}; "
        "assert not heavy & set(sys.modules); "
        "plots.learning_curve([{'loss': 1.0}]); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_missing_matplotlib_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "bert-keras\[plots\]"'):
        plots.learning_curve(EPOCHS)


@pytest.mark.parametrize("classes", [1, 2, 8, 77])
def test_confusion_matrix_is_readable_at_any_size(classes):
    figure = plots.confusion_matrix(matrix_of(classes), labels_of(classes))
    assert_nothing_cut_off(figure)
    axes = figure.axes[0]
    # A count in each cell that is not 0, but no counts where none would fit.
    cells = 2 * classes - 1
    assert len(axes.texts) == (cells if classes < 77 else 0)
    tick_labels = axes.get_xticklabels()
    assert len(tick_labels) == classes
    boxes = [text.get_window_extent() for text in axes.get_yticklabels()]
    assert not any(
        one.overlaps(other) for one, other in itertools.pairwise(boxes)
    )


def test_confusion_colour_is_the_share_of_the_row():
    figure = plots.confusion_matrix([[3, 1], [0, 0]], ["a", "b"])
    shares = figure.axes[0].images[0].get_array()
    assert shares[0].tolist() == [0.75, 0.25]
    assert shares.mask[1].all()  # no example: grey


def test_confusion_matrix_of_nothing():
    assert_nothing_cut_off(plots.confusion_matrix([[0, 0]] * 2, ["a", "b"]))


def test_confusion_matrix_must_fit_the_labels():
    with pytest.raises(ValueError, match=r"shape=\(2, 2\)"):
        plots.confusion_matrix([[1, 0], [0, 1]], ["a", "b", "c"])


def test_label_fonts_are_installed():
    from matplotlib.font_manager import get_font_names

    fonts = canvas.label_fonts()
    assert fonts[0] == "DejaVu Sans"
    assert set(fonts) <= set(get_font_names())


def test_dollars_in_a_label_are_no_formula():
    figure = plots.confusion_matrix(matrix_of(2), [r"$\bad$", "$5_to_$9"])
    assert_nothing_cut_off(figure)


def test_learning_curve_has_a_panel_for_each_kind_of_number():
    figure = plots.learning_curve(EPOCHS)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["Loss", "Metrics", "Learning rate"]
    legend = figure.axes[0].get_legend().get_texts()
    assert [text.get_text() for text in legend] == [
        "loss, training",
        "loss, validation",
        "lowest: 0.5 (epoch 2)",
    ]


def test_folds_with_their_mean_and_deviation():
    (axes,) = plots.by_fold([0.5, 0.75, 1.0], "macro_f1").axes
    assert axes.get_title(loc="left") == "Macro F1 0.750 ± 0.250"
    (mean, dots) = axes.get_lines()
    assert list(mean.get_ydata()) == [0.75, 0.75]
    assert list(dots.get_ydata()) == [0.5, 0.75, 1.0]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["1", "2", "3"]


def test_trials_over_their_learning_rate_or_in_order():
    rows = [
        {"trial": 1, "score": 0.9, "state": "complete", "settings": {}},
        {"trial": 0, "score": 0.8, "state": "complete", "settings": {}},
        {"trial": 2, "score": 0.5, "state": "pruned", "settings": {}},
        {"trial": 3, "score": None, "state": "fail", "settings": {}},
    ]
    (axes,) = plots.trials(rows, "accuracy").axes
    places = [list(line.get_xdata()) for line in axes.get_lines()]
    assert places == [[1, 0], [2], [1]]
    assert axes.get_xlabel() == "trial"
    for row, rate in zip(rows, (1e-4, 1e-5, 1e-3, 1e-2), strict=True):
        row["settings"] = {"learning_rate": rate}
    (axes,) = plots.trials(rows, "accuracy").axes
    assert axes.get_xscale() == "log"
    complete, _, best = axes.get_lines()
    assert list(complete.get_xdata()) == [1e-4, 1e-5]
    assert list(best.get_xdata()) == [1e-4]
    assert best.get_label() == "best: 0.9 (trial 1)"


def test_large_metrics_have_their_own_panel():
    history = [{"epoch": 1, "mse": 0.9, "val_mse": 1.4, "val_pearson": 0.3}]
    figure = plots.learning_curve(history)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["Metrics", "MSE"]


def test_single_epoch_has_one_tick():
    figure = drawn(plots.learning_curve(EPOCHS[:1]))
    for axes in figure.axes:
        first, last = axes.get_xlim()
        shown = [tick for tick in axes.get_xticks() if first <= tick <= last]
        assert shown == [1]
    assert_nothing_cut_off(figure)


def test_gaps_and_diverged_losses_are_left_out():
    history = [
        {"loss": 1.0, "val_loss": 2.0, "note": "warm-up"},
        {"loss": math.nan},
        {"loss": np.float32(0.5), "val_loss": None},
    ]
    lines = drawn(plots.learning_curve(history)).axes[0].get_lines()
    assert lines[0].get_xydata().tolist() == [[1, 1.0], [3, 0.5]]
    assert lines[1].get_xydata().tolist() == [[1, 2.0]]


@pytest.mark.parametrize("history", [[], [{"epoch": 1}], [{"loss": math.nan}]])
def test_history_without_numbers(history):
    with pytest.raises(ValueError, match="at least one epoch"):
        plots.learning_curve(history)


def test_reliability_of_one_answer_and_of_none():
    bins = reliability_bins([1.0], [True])
    assert_nothing_cut_off(plots.reliability(bins, 0.0))
    with pytest.raises(ValueError, match="at least one bin"):
        plots.reliability([], 0.0)


def test_predicted_against_true_of_one_example():
    figure = plots.predicted_against_true([2.0], [2.0], {"mae": 0.0})
    assert_nothing_cut_off(figure)
    assert figure.axes[0].texts[0].get_text() == "MAE 0.000"
