"""Models for writers to write: 30 pieces, 2 layers, 2 heads, width 8."""

import dataclasses
from pathlib import Path

import numpy as np

from bert_keras.checkpoints import Contents
from bert_keras.checkpoints.shapes import encoder_shapes
from bert_keras.checkpoints.tensors import StoredTensor
from bert_keras.config import BertConfig, TokenizerConfig

PIECES = """[PAD] [UNK] [CLS] [SEP] [MASK] the a film is good bad play ##ing
##ed un ##able . , ! ? 1 2 ##1 ##2 caf ##e na ##ive 東 京""".split()
CONFIG = BertConfig(
    vocab_size=30,
    hidden_size=8,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=12,
    max_position_embeddings=16,
)
# Shapes of heads; [in, out], and the labels of classifiers are three.
MASKED_LM = {
    "dense/kernel": (8, 8),
    "dense/bias": (8,),
    "norm/gamma": (8,),
    "norm/beta": (8,),
    "bias": (30,),
}
HEADS = {
    "masked_lm": MASKED_LM,
    "untied_masked_lm": MASKED_LM | {"kernel": (8, 30)},
    "next_sentence": {"dense/kernel": (8, 2), "dense/bias": (2,)},
    "sequence_classifier": {"dense/kernel": (8, 3), "dense/bias": (3,)},
    "token_classifier": {"dense/kernel": (8, 3), "dense/bias": (3,)},
    "multiple_choice": {"dense/kernel": (8, 1), "dense/bias": (1,)},
    "embedding": {"dense/kernel": (8, 5), "dense/bias": (5,)},
    "span": {"dense/kernel": (8, 2), "dense/bias": (2,)},
}


def tensors(shapes: dict) -> dict[str, StoredTensor]:
    """Returns random tensors by name, other ones for each set of names."""
    random = np.random.default_rng(len(shapes))
    values = {
        name: random.normal(0, 0.5, shape).astype("float32")
        for name, shape in shapes.items()
    }
    return {
        name: StoredTensor(name, array.shape, lambda array=array: array)
        for name, array in values.items()
    }


def small_contents(*heads, config=CONFIG, pooler=True, **changes) -> Contents:
    """Returns a model as if it had been read.

    Args:
        *heads: Names of `HEADS`.
        config: The architecture.
        pooler: Whether it has one.
        **changes: Other fields of `Contents`.
    """
    shapes = encoder_shapes(config)
    if not pooler:
        shapes = {k: v for k, v in shapes.items() if "pooler" not in k}
    contents = Contents(
        format="none",
        folder=Path("nowhere"),
        config=config,
        tensors=tensors(shapes),
        heads={
            head.removeprefix("untied_"): tensors(HEADS[head]) for head in heads
        },
        vocabulary=tuple(PIECES),
        tokenizer=TokenizerConfig(max_word_length=100),
    )
    return dataclasses.replace(contents, **changes)


def values(part) -> dict[str, list]:
    """Returns the numbers of tensors, to be compared with `==`."""
    return {name: np.asarray(t).tolist() for name, t in sorted(part.items())}
