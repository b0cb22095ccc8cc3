"""Pictures of a training and of a model's answers, as matplotlib figures.

Each function returns a `matplotlib.figure.Figure` of its own and never touches
`pyplot`, so it works in threads, on servers without a display and in
notebooks (`%matplotlib inline`, then the figure as a cell's last line).
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
    "by_fold",  # a number of each fold of a cross-validation
    "confusion_matrix",  # counts of true against predicted labels
    "learning_curve",  # loss, metrics and learning rate over the epochs
    "predicted_against_true",  # a regressor's answers against the truth
    "reliability",  # confidence against accuracy
    "save_figure",  # a PNG file, byte for byte the same each time
    "trials",  # the scores of a search's trials
]
