"""Layers: what an encoder is built from, on `keras.ops` only."""

from bert_keras.layers.attention import SelfAttention
from bert_keras.layers.embeddings import BertEmbeddings, SinusoidalPositions
from bert_keras.layers.encoder_block import EncoderBlock
from bert_keras.layers.feed_forward import ACTIVATIONS, FeedForward
from bert_keras.layers.layout import Packed, Padded
from bert_keras.layers.lora import LoraAdapter, check_rank
from bert_keras.layers.pooling import Pooling
from bert_keras.layers.window_pooling import WindowPooling

__all__ = [
    "ACTIVATIONS",
    "BertEmbeddings",
    "EncoderBlock",
    "FeedForward",
    "LoraAdapter",
    "Packed",
    "Padded",
    "Pooling",
    "SelfAttention",
    "SinusoidalPositions",
    "WindowPooling",
    "check_rank",
]
