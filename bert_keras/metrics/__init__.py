"""How good are the answers? Numbers, tables, pictures and worst mistakes.

Plain numpy in, plain Python numbers out: no TensorFlow, no Keras.
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
    "LONG_TEXTS",  # where metrics say how many texts were too long
    "NO_ENTITY",  # stands in a confusion matrix beside the labels
    "best_threshold",  # from when on a question is better not answered
    "classification_metrics",  # one label a text
    "cosines",  # of vectors with their partners
    "entity_metrics",  # spans with a label
    "entity_mistakes",  # a tagger's most certain errors first
    "expected_calibration_error",  # one number from the bins
    "is_role",  # whether a label counts among semantic roles
    "largest_errors",  # a regressor's answers, the farthest off first
    "long_texts_line",  # what became of texts that are too long
    "masked_metrics",  # guesses at masked pieces
    "masked_mistakes",  # the most confident wrong guesses first
    "match_entities",  # which answer was meant for which entity
    "multi_label_metrics",  # any number of labels a text
    "perplexity",  # one number from a likelihood
    "plots",  # pictures of all this
    "question_metrics",  # answers to questions, by length and by kind
    "question_mistakes",  # wrong answers, the farthest off first
    "read_mistakes_tsv",  # rows back from their file
    "regression_metrics",  # a number a text
    "reliability_bins",  # accuracy at each confidence
    "report",  # a table for the terminal
    "retrieval_metrics",  # vectors that must find each other
    "role_arguments",  # spans of a predicate, parts put together
    "similarity_metrics",  # cosines against scores of likeness
    "squad_metrics",  # exact match and F1 alone
    "unit_vectors",  # scaled, so that a dot product is a cosine
    "words",  # a metric's name as people write it
    "worst_mistakes",  # a classifier's most confident errors first
    "write_mistakes_tsv",  # rows to a file, one a line
]
