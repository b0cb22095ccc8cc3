"""An architecture from the shapes of its weights, if no file states it."""

from collections.abc import Mapping
from pathlib import Path

from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.tensors import StoredTensor
from bert_keras.handles import shortened

_WORD = "embeddings/word/embeddings"
_POSITION = "embeddings/position/embeddings"
_TYPE = "embeddings/type/embeddings"
_QUERY = "block_0/attention/query/kernel"
_INNER = "block_0/feed_forward/inner/kernel"


def sizes_of(
    tensors: Mapping[str, StoredTensor], *, source: Path
) -> dict[str, int]:
    """Returns the sizes of a `BertConfig`, as far as shapes determine them.

    Args:
        tensors: Those of the encoder, by our names, with attention kernels
            that are stored as [width, heads, head width].
        source: For messages.

    Raises:
        CheckpointError: If weights that determine sizes are missing or have
            other axes.

    Example:
        >>> from bert_keras.checkpoints.tensors import StoredTensor
        >>> shapes = {"word": (30, 8), "position": (16, 8), "type": (2, 8)}
        >>> tensors = {
        ...     f"embeddings/{name}/embeddings": StoredTensor(name, shape, None)
        ...     for name, shape in shapes.items()
        ... }
        >>> for name, shape in (
        ...     ("attention/query", (8, 2, 4)),
        ...     ("feed_forward/inner", (8, 16)),
        ... ):
        ...     tensors[f"block_0/{name}/kernel"] = StoredTensor(
        ...         name, shape, None
        ...     )
        >>> sizes_of(tensors, source="here")["num_attention_heads"]
        2
    """
    axes = {_WORD: 2, _POSITION: 2, _TYPE: 2, _QUERY: 3, _INNER: 2}
    missing = [
        name
        for name, count in axes.items()
        if name not in tensors or len(tensors[name].stored_shape) != count
    ]
    if missing:
        names = sorted(tensor.name for tensor in tensors.values())
        raise CheckpointError(
            f"{source}: Expected the weights of a BERT encoder of the Model "
            f"Garden. Missing, or with other axes: {', '.join(missing)}. "
            f"Received: {shortened(names, 5) or 'none'}"
        )
    vocab_size, hidden_size = tensors[_WORD].stored_shape
    blocks = {
        int(name.split("/")[0].removeprefix("block_"))
        for name in tensors
        if name.startswith("block_")
    }
    return {
        "vocab_size": vocab_size,
        "hidden_size": hidden_size,
        "num_hidden_layers": max(blocks) + 1,
        "num_attention_heads": tensors[_QUERY].stored_shape[1],
        "intermediate_size": tensors[_INNER].stored_shape[1],
        "max_position_embeddings": tensors[_POSITION].stored_shape[0],
        "type_vocab_size": tensors[_TYPE].stored_shape[0],
    }
