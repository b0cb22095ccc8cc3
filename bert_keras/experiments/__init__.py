"""Experiments: procedures that train tasks, often several times.

Multi-task training, cross-validation, and the search for settings.
"""

from bert_keras.experiments.cross_validation import cross_validate
from bert_keras.experiments.multi_task import fit_multi_task
from bert_keras.experiments.search import tune

__all__ = ["cross_validate", "fit_multi_task", "tune"]
