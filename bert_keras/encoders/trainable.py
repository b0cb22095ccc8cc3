"""Which weights of an encoder are trained: freezing, and LoRA.

Keras keeps a flag, `trainable`, on each layer and on each weight. Setting a
layer's flag also sets those of everything below it, and an optimizer trains
the weights whose flag is set. So the flags of weights tell what is frozen,
however it was frozen, and no second record of it is kept here.
"""

import math
from collections.abc import Collection, Mapping

import keras

from bert_keras.layers import check_rank


# === Freezing ===
def freeze(encoder: keras.Model, what: int | str) -> None:
    """Freezes weights, in addition to those that are frozen already.

    Args:
        encoder: A `BertEncoder`.
        what: `"embeddings"`; a number n, for the embeddings and the first n
            blocks; or `"all"`, which is `encoder.trainable = False`.

    Raises:
        ValueError: If `what` is none of these.
    """
    if what == "all":
        encoder.trainable = False
        return
    count = len(encoder.blocks)
    blocks = 0 if what == "embeddings" else what
    # `True` is an int, and `freeze(0)` could mean nothing as well.
    if type(blocks) is not int or not 0 <= blocks <= count or what == 0:
        raise ValueError(
            f"Expected 'embeddings', 'all' or a number of blocks, 1 to {count}."
            f" Received: freeze({what!r})"
        )
    for layer in (encoder.embeddings, *encoder.blocks[:blocks]):
        layer.trainable = False


def unfreeze(encoder: keras.Model) -> None:
    """Sets the flags of all layers, and with them those of their weights."""
    # TensorFlow ignores an attribute that is set to the value it has, and the
    # flags below it stay as they are. So False comes first; a second round
    # reaches flags that contradicted those above them.
    for flag in (False, True, False, True):
        encoder.trainable = flag


def frozen_names(variables: Mapping[str, keras.Variable]) -> list[str]:
    """Names what is frozen, as briefly as possible.

    Args:
        variables: An encoder's `named_variables`.

    Returns:
        Sorted: `"block_0"` if all weights of that block are frozen,
        `"pooler/bias"` if only that weight is.
    """
    trained = {
        prefix
        for name, variable in variables.items()
        if variable.trainable
        for prefix in _prefixes(name)
    }
    return sorted(
        {
            next((p for p in _prefixes(name) if p not in trained), name)
            for name, variable in variables.items()
            if not variable.trainable
        }
    )


def freeze_names(encoder: keras.Model, names: Collection[str]) -> None:
    """Freezes what `frozen_names` named, and unfreezes everything else."""
    for name, variable in encoder.named_variables.items():
        variable.trainable = not any(p in names for p in _prefixes(name))
    # The flags of layers as well, so that they can be set to True again.
    for layer in encoder.layers:
        if layer.name in names:
            layer.trainable = False


def _prefixes(name: str) -> list[str]:
    """`"a/b/c"` -> `["a", "a/b", "a/b/c"]`."""
    parts = name.split("/")
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


# === LoRA ===
def enable_lora(encoder: keras.Model, rank: int, seed: int | None) -> None:
    """Adds LoRA to each block's attention, and trains nothing else.

    Args:
        encoder: A `BertEncoder`.
        rank: Rank of what is added to a kernel.
        seed: For the initial values; `None` draws others each time.

    Raises:
        ValueError: If `rank` is below 1, or LoRA is enabled already.
    """
    check_rank(rank, current=encoder.lora_rank)
    # A plain seed would draw the same numbers for every matrix.
    generator = keras.random.SeedGenerator(seed)
    initializer = keras.initializers.HeUniform(generator)
    for block in encoder.blocks:
        block.attention.enable_lora(rank, initializer)
    encoder.unfreeze()


def train_lora_alone(encoder: keras.Model) -> None:
    """Freezes every weight of a `BertEncoder` except those of LoRA."""
    # The layers that contain LoRA keep their own flag: Keras trains nothing in
    # a layer whose flag is off.
    layers = [encoder.embeddings, encoder.pooler]
    for block in encoder.blocks:
        attention = block.attention
        layers += [
            attention.query,
            attention.key,
            attention.value,
            attention.output_projection,
            block.attention_norm,
            block.feed_forward,
            block.feed_forward_norm,
        ]
    for layer in layers:
        layer.trainable = False


def merge_lora(encoder: keras.Model) -> None:
    """Adds what LoRA learned to the kernels, and disables it.

    Raises:
        ValueError: If LoRA is not enabled.
    """
    if encoder.lora_rank is None:
        raise ValueError(
            "Expected an encoder with LoRA. Received: lora_rank=None. Its "
            "weights are plain already: there is nothing to merge."
        )
    for block in encoder.blocks:
        block.attention.merge_lora()
    encoder.unfreeze()


# === Counting ===
def count_parameters(variables: Mapping[str, keras.Variable]) -> str:
    """Says how many parameters there are: `"22.7 M parameters"`."""
    total = sum(_size(variable) for variable in variables.values())
    trainable = sum(_size(v) for v in variables.values() if v.trainable)
    text = f"{_short(total)} parameters"
    if trainable < total:
        text += f", {_short(trainable)} of them trainable"
    return text


def _size(variable: keras.Variable) -> int:
    return math.prod(variable.shape)


def _short(count: int) -> str:
    return f"{count:,}" if count < 1_000_000 else f"{count / 1_000_000:.1f} M"
