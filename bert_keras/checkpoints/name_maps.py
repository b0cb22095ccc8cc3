"""Name maps: what a weight is called elsewhere and what it is called here.

Each map is an ordered table; the first pattern that matches a whole name
decides. `{}` in our name takes the block's number. A linear layer of PyTorch
keeps its weights as [out, in], a Keras kernel is [in, out]: such rows are
marked to be transposed.
"""

import re
from typing import NamedTuple


class Rename(NamedTuple):
    """One row of a map: a pattern of their names, and our name."""

    pattern: str
    name: str
    transposed: bool = False


_BLOCK = r"encoder\.layer\.(\d+)\."
# The first releases of PyTorch BERT kept TensorFlow's gamma and beta.
_GAMMA = r"\.LayerNorm\.(?:weight|gamma)"
_BETA = r"\.LayerNorm\.(?:bias|beta)"


def _linear(theirs: str, ours: str) -> tuple[Rename, Rename]:
    return (
        Rename(theirs + r"\.weight", ours + "/kernel", transposed=True),
        Rename(theirs + r"\.bias", ours + "/bias"),
    )


def _norm(theirs: str, ours: str) -> tuple[Rename, Rename]:
    return (
        Rename(theirs + _GAMMA, ours + "/gamma"),
        Rename(theirs + _BETA, ours + "/beta"),
    )


HUGGING_FACE_PREFIX = r"(?:bert\.)?"

HUGGING_FACE = (
    Rename(
        r"embeddings\.word_embeddings\.weight", "embeddings/word/embeddings"
    ),
    Rename(
        r"embeddings\.position_embeddings\.weight",
        "embeddings/position/embeddings",
    ),
    Rename(
        r"embeddings\.token_type_embeddings\.weight",
        "embeddings/type/embeddings",
    ),
    *_norm("embeddings", "embeddings/norm"),
    *_linear(_BLOCK + r"attention\.self\.query", "block_{}/attention/query"),
    *_linear(_BLOCK + r"attention\.self\.key", "block_{}/attention/key"),
    *_linear(_BLOCK + r"attention\.self\.value", "block_{}/attention/value"),
    *_linear(_BLOCK + r"attention\.output\.dense", "block_{}/attention/output"),
    *_norm(_BLOCK + r"attention\.output", "block_{}/attention_norm"),
    *_linear(_BLOCK + r"intermediate\.dense", "block_{}/feed_forward/inner"),
    *_linear(_BLOCK + r"output\.dense", "block_{}/feed_forward/outer"),
    *_norm(_BLOCK + "output", "block_{}/feed_forward_norm"),
    *_linear(r"pooler\.dense", "pooler"),
)

# Weights on top of the encoder, and the head they belong to. Loading an
# encoder leaves them out, and says so.
HUGGING_FACE_HEADS = (
    Rename(r"cls\.predictions\..*", "masked-lm"),
    Rename(r"cls\.seq_relationship\..*", "next-sentence"),
    Rename(r"qa_outputs\..*", "question-answering"),
    Rename(r"classifier\..*", "classifier"),
)

# Not weights: row numbers that PyTorch stored beside them.
HUGGING_FACE_BUFFERS = (r"embeddings\.(?:position_ids|token_type_ids)",)


def rename(
    name: str, table: tuple[Rename, ...], prefix: str = ""
) -> Rename | None:
    """Finds a name in a map.

    Args:
        name: Their name.
        table: The map.
        prefix: Pattern of what may stand before each name of the map.

    Returns:
        The row that matches, with our name complete; `None` if none does.

    Example:
        >>> rename("encoder.layer.3.output.dense.weight", HUGGING_FACE).name
        'block_3/feed_forward/outer/kernel'
    """
    for row in table:
        match = re.fullmatch(prefix + row.pattern, name)
        if match:
            return row._replace(name=row.name.format(*match.groups()))
    return None


def is_buffer(name: str) -> bool:
    """Returns whether a Hugging Face tensor is no weight at all."""
    return any(
        re.fullmatch(HUGGING_FACE_PREFIX + pattern, name)
        for pattern in HUGGING_FACE_BUFFERS
    )
