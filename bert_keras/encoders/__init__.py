"""Encoders: packed ids in, vectors out."""

from bert_keras.encoders.bert import BertEncoder

__all__ = ["BertEncoder"]
