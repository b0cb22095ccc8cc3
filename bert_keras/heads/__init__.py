"""Heads: an encoder's outputs in, the outputs of a task out."""

from bert_keras.heads.crf import CrfHead
from bert_keras.heads.embedding import EmbeddingHead
from bert_keras.heads.mask import MaskHead
from bert_keras.heads.masked_lm import MaskedLMHead
from bert_keras.heads.pooled import PooledHead
from bert_keras.heads.span import SpanHead
from bert_keras.heads.token import TokenHead

__all__ = [
    "CrfHead",
    "EmbeddingHead",
    "MaskHead",
    "MaskedLMHead",
    "PooledHead",
    "SpanHead",
    "TokenHead",
]
