"""Export: models for use without the project.

A task becomes a version folder that TF Serving loads (`publish`), a checkpoint
becomes a folder that another library loads (`convert`).
"""

from bert_keras.export.convert import FORMATS, convert
from bert_keras.export.model_card import model_card
from bert_keras.export.publish import Export, publish
from bert_keras.export.verify import ExportRefused, edge_case_texts
from bert_keras.export.writers.errors import ConversionError

__all__ = [
    "FORMATS",
    "ConversionError",
    "Export",
    "ExportRefused",
    "convert",
    "edge_case_texts",
    "model_card",
    "publish",
]
