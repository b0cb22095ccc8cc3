"""Encoders: packed ids in, vectors out."""

from bert_keras.encoders.bert import BertEncoder
from bert_keras.encoders.saved_model import SavedModelEncoder

__all__ = ["BertEncoder", "SavedModelEncoder"]
