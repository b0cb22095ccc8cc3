"""Hugging Face's names.

A linear layer of PyTorch stores its weights as [out, in], a Keras kernel is
[in, out]: their axes are swapped.
"""

from bert_keras.checkpoints.name_maps.rows import Rename
from bert_keras.checkpoints.tensors import Axes

_BLOCK = r"encoder\.layer\.(\d+)\."
# The first releases of PyTorch BERT used TensorFlow's gamma and beta.
_GAMMA = r"\.LayerNorm\.(?:weight|gamma)"
_BETA = r"\.LayerNorm\.(?:bias|beta)"


def _linear(theirs: str, ours: str, head: str = "") -> tuple[Rename, Rename]:
    return (
        Rename(theirs + r"\.weight", ours + "/kernel", Axes.SWAPPED, head),
        Rename(theirs + r"\.bias", ours + "/bias", head=head),
    )


def _norm(theirs: str, ours: str, head: str = "") -> tuple[Rename, Rename]:
    return (
        Rename(theirs + _GAMMA, ours + "/gamma", head=head),
        Rename(theirs + _BETA, ours + "/beta", head=head),
    )


PREFIX = r"(?:bert\.)?"

ENCODER = (
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

_LM = r"cls\.predictions\."

MASKED_LM = (
    *_linear(_LM + r"transform\.dense", "dense", "masked_lm"),
    *_norm(_LM + "transform", "norm", "masked_lm"),
    Rename(_LM + "bias", "bias", head="masked_lm"),
    Rename(_LM + r"decoder\.weight", "kernel", Axes.SWAPPED, "masked_lm"),
    # The same bias, which some writers store under both of its names.
    Rename(_LM + r"decoder\.bias", "decoder/bias", head="masked_lm"),
)

# Whether `classifier` reads texts or tokens is in the configuration.
CLASSIFIER = "classifier"

HEADS = (
    *MASKED_LM,
    *_linear(r"cls\.seq_relationship", "dense", "next_sentence"),
    *_linear("qa_outputs", "dense", "span"),
    *_linear("classifier", "dense", CLASSIFIER),
)

# Not weights: indices that PyTorch stored beside them.
BUFFERS = (Rename(r"embeddings\.(?:position_ids|token_type_ids)", ""),)

HUGGING_FACE = (*ENCODER, *HEADS, *BUFFERS)
