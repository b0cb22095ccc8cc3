"""Heads: an encoder's outputs in, the numbers of a task out."""

from bert_keras.heads.pooled import PooledHead, check_pooling

__all__ = ["PooledHead", "check_pooling"]
