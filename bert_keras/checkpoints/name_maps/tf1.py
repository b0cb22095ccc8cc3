"""The names of google-research/bert, whose checkpoints are of TF1.

Kernels are [in, out] as here; only the output weights of heads are [out, in].
"""

from bert_keras.checkpoints.name_maps.rows import Rename
from bert_keras.checkpoints.tensors import Axes

_BLOCK = r"bert/encoder/layer_(\d+)/"
_LM = "cls/predictions/"


def _dense(theirs: str, ours: str, head: str = "") -> tuple[Rename, Rename]:
    return (
        Rename(theirs + "/kernel", ours + "/kernel", head=head),
        Rename(theirs + "/bias", ours + "/bias", head=head),
    )


def _norm(theirs: str, ours: str, head: str = "") -> tuple[Rename, Rename]:
    return (
        Rename(theirs + "/LayerNorm/gamma", ours + "/gamma", head=head),
        Rename(theirs + "/LayerNorm/beta", ours + "/beta", head=head),
    )


def _output(theirs: str, head: str) -> tuple[Rename, Rename]:
    return (
        Rename(theirs + "output_weights", "dense/kernel", Axes.SWAPPED, head),
        Rename(theirs + "output_bias", "dense/bias", head=head),
    )


ENCODER = (
    Rename("bert/embeddings/word_embeddings", "embeddings/word/embeddings"),
    Rename(
        "bert/embeddings/position_embeddings", "embeddings/position/embeddings"
    ),
    Rename(
        "bert/embeddings/token_type_embeddings", "embeddings/type/embeddings"
    ),
    *_norm("bert/embeddings", "embeddings/norm"),
    *_dense(_BLOCK + "attention/self/query", "block_{}/attention/query"),
    *_dense(_BLOCK + "attention/self/key", "block_{}/attention/key"),
    *_dense(_BLOCK + "attention/self/value", "block_{}/attention/value"),
    *_dense(_BLOCK + "attention/output/dense", "block_{}/attention/output"),
    *_norm(_BLOCK + "attention/output", "block_{}/attention_norm"),
    *_dense(_BLOCK + "intermediate/dense", "block_{}/feed_forward/inner"),
    *_dense(_BLOCK + "output/dense", "block_{}/feed_forward/outer"),
    *_norm(_BLOCK + "output", "block_{}/feed_forward_norm"),
    *_dense("bert/pooler/dense", "pooler"),
)

HEADS = (
    *_dense(_LM + "transform/dense", "dense", "masked_lm"),
    *_norm(_LM + "transform", "norm", "masked_lm"),
    Rename(_LM + "output_bias", "bias", head="masked_lm"),
    *_output("cls/seq_relationship/", "next_sentence"),
    # Of run_squad.py, and of run_classifier.py, which has no scope.
    *_output("cls/squad/", "span"),
    *_output("", "sequence_classifier"),
)

# Not weights: state of optimizers.
BOOKKEEPING = (
    Rename(r".+/(?:adam_[mv]|lamb_[mv]|Adam(?:_1)?)", ""),
    Rename(r"global_step|beta[12]_power|save_counter", ""),
)

TF1 = (*ENCODER, *HEADS, *BOOKKEEPING)
