"""Encoders: packed ids in, vectors out."""

from bert_keras.encoders.bert import BertEncoder
from bert_keras.encoders.saved_model import SavedModelEncoder
from bert_keras.encoders.trainable import freeze_names

__all__ = ["BertEncoder", "SavedModelEncoder", "freeze_names"]
