"""Heads: an encoder's outputs in, the numbers of a task out."""

from bert_keras.heads.masked_lm import MaskedLMHead
from bert_keras.heads.pooled import PooledHead, check_pooling

__all__ = ["MaskedLMHead", "PooledHead", "check_pooling"]
