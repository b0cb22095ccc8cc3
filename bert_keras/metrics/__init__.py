"""How good are the predictions? Metrics, tables, figures, worst mistakes.

NumPy arrays in, plain Python numbers out: no TensorFlow, no Keras.
scikit-learn, scipy, matplotlib and rich are imported where they are used.
"""

from bert_keras.metrics import plots
from bert_keras.metrics.calibration import (
    expected_calibration_error,
    reliability_bins,
)
from bert_keras.metrics.classification import (
    classification_metrics,
    multi_label_metrics,
)
from bert_keras.metrics.entities import (
    NO_ENTITY,
    entity_metrics,
    match_entities,
)
from bert_keras.metrics.entity_mistakes import entity_mistakes
from bert_keras.metrics.long_texts import LONG_TEXTS, long_texts_line
from bert_keras.metrics.masked import (
    masked_metrics,
    masked_mistakes,
    perplexity,
)
from bert_keras.metrics.mistakes import (
    largest_errors,
    read_mistakes_tsv,
    worst_mistakes,
    write_mistakes_tsv,
)
from bert_keras.metrics.names import words
from bert_keras.metrics.questions import question_metrics, question_mistakes
from bert_keras.metrics.regression import regression_metrics
from bert_keras.metrics.report import report
from bert_keras.metrics.roles import is_role, role_arguments
from bert_keras.metrics.similarity import (
    cosines,
    retrieval_metrics,
    similarity_metrics,
    unit_vectors,
)
from bert_keras.metrics.squad import best_threshold, squad_metrics

__all__ = [
    "LONG_TEXTS",  # key of the counts of texts that are too long
    "NO_ENTITY",  # name of the extra class in confusion matrices
    "best_threshold",  # above which a question is better left unanswered
    "classification_metrics",  # one label per text
    "cosines",  # of vectors with their partners
    "entity_metrics",  # labelled spans
    "entity_mistakes",  # a tagger's most confident errors first
    "expected_calibration_error",  # one number from the bins
    "is_role",  # whether a label is a semantic role
    "largest_errors",  # a regressor's predictions, the farthest off first
    "long_texts_line",  # what happened to texts that are too long
    "masked_metrics",  # predictions of masked tokens
    "masked_mistakes",  # the most confident wrong predictions first
    "match_entities",  # which prediction belongs to which entity
    "multi_label_metrics",  # any number of labels per text
    "perplexity",  # from a log-likelihood
    "plots",  # figures of all this
    "question_metrics",  # answers to questions, by length and by type
    "question_mistakes",  # wrong answers, the farthest off first
    "read_mistakes_tsv",  # reads what write_mistakes_tsv wrote
    "regression_metrics",  # one number per text
    "reliability_bins",  # accuracy by confidence
    "report",  # a table for the terminal
    "retrieval_metrics",  # embeddings that should find each other
    "role_arguments",  # a predicate's arguments, with continuations joined
    "similarity_metrics",  # cosines against similarity scores
    "squad_metrics",  # exact match and F1 only
    "unit_vectors",  # normalized, so that a dot product is a cosine
    "words",  # a metric's name as people write it
    "worst_mistakes",  # a classifier's most confident errors first
    "write_mistakes_tsv",  # one row per line
]
