"""Matplotlib figures of training and of a model's predictions.

Each function returns a new `matplotlib.figure.Figure` and never uses `pyplot`,
so it works in threads, on servers without a display and in notebooks
(`%matplotlib inline`, then the figure as a cell's last line).
"""

from bert_keras.metrics.plots.agreement import (
    predicted_against_true,
    reliability,
)
from bert_keras.metrics.plots.canvas import save_figure
from bert_keras.metrics.plots.confusion import confusion_matrix
from bert_keras.metrics.plots.folds import by_fold
from bert_keras.metrics.plots.learning import learning_curve
from bert_keras.metrics.plots.trials import trials

__all__ = [
    "by_fold",  # a metric of each fold of a cross-validation
    "confusion_matrix",  # counts of true against predicted labels
    "learning_curve",  # loss, metrics and learning rate by epoch
    "predicted_against_true",  # a regressor's predictions and true values
    "reliability",  # accuracy by confidence
    "save_figure",  # a PNG file, reproducible byte for byte
    "trials",  # the scores of a search's trials
]
