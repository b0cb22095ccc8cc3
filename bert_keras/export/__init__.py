"""Export: a task becomes a version folder that TF Serving takes as it is."""

from bert_keras.export.model_card import model_card
from bert_keras.export.publish import PRECISIONS, Export, publish
from bert_keras.export.verify import ExportRefused, odd_texts

__all__ = [
    "PRECISIONS",
    "Export",
    "ExportRefused",
    "model_card",
    "odd_texts",
    "publish",
]
