"""Readers: from files and data in memory to texts and labels.

`read_examples` and its siblings read training data into memory,
`stream_texts` reads texts to predict one row at a time, and `labels` turns
labels into arrays. Importing this package imports neither TensorFlow nor
pandas.
"""

from bert_keras.data.augment import Augmentation
from bert_keras.data.documents import Documents, read_documents
from bert_keras.data.errors import DataError
from bert_keras.data.examples import Examples
from bert_keras.data.files import is_one_text
from bert_keras.data.folds import fold_indices, select
from bert_keras.data.hold_out import hold_out
from bert_keras.data.labels import (
    infer_labels,
    label_ids,
    label_matrix,
    label_scores,
    require_classes,
)
from bert_keras.data.questions import Answer, QuestionExamples
from bert_keras.data.read import read_examples
from bert_keras.data.read_questions import read_questions
from bert_keras.data.read_tagged import read_tagged
from bert_keras.data.stream import stream_texts
from bert_keras.data.tagged import TaggedExamples, check_entity_labels
from bert_keras.data.tags import Span

__all__ = [
    "Answer",
    "Augmentation",
    "DataError",
    "Documents",
    "Examples",
    "QuestionExamples",
    "Span",
    "TaggedExamples",
    "check_entity_labels",
    "fold_indices",
    "hold_out",
    "infer_labels",
    "is_one_text",
    "label_ids",
    "label_matrix",
    "label_scores",
    "read_documents",
    "read_examples",
    "read_questions",
    "read_tagged",
    "require_classes",
    "select",
    "stream_texts",
]
