"""The Model Garden's names, which encoders of the TF Hub API share.

They are names of variables; the keys of a checkpoint are object paths, which
differ between versions of the Garden. Attention heads are an axis of their own:
kernels are [width, heads, head width].
"""

import re

from bert_keras.checkpoints.name_maps.rows import Rename
from bert_keras.checkpoints.tensors import Axes

_BLOCK = r"transformer/layer_(\d+)/"
_LM = "cls/predictions/"
# In the Garden's layers of 2020, the output was not part of the attention.
_OUTPUT = "(?:self_attention/attention_output|self_attention_output)"

# Names below may follow those of the encoder or the pretrainer.
PREFIX = r"(?:.+/)?"

# The dense layer that `Classification` applies to the pooled output; which head
# it is depends on the model around it.
CLASSIFICATION = "classification"


def _dense(
    theirs: str, ours: str, axes: Axes = Axes.SAME, head: str = ""
) -> tuple[Rename, Rename]:
    bias_axes = axes if axes is Axes.LAST_JOINED else Axes.SAME
    return (
        Rename(theirs + "/kernel", ours + "/kernel", axes, head),
        Rename(theirs + "/bias", ours + "/bias", bias_axes, head),
    )


def _norm(theirs: str, ours: str, head: str = "") -> tuple[Rename, Rename]:
    return (
        Rename(theirs + "/gamma", ours + "/gamma", head=head),
        Rename(theirs + "/beta", ours + "/beta", head=head),
    )


ENCODER = (
    Rename("word_embeddings/embeddings", "embeddings/word/embeddings"),
    Rename("position_embedding/embeddings", "embeddings/position/embeddings"),
    Rename("type_embeddings/embeddings", "embeddings/type/embeddings"),
    *_norm("embeddings/layer_norm", "embeddings/norm"),
    *_dense(
        _BLOCK + "self_attention/query",
        "block_{}/attention/query",
        Axes.LAST_JOINED,
    ),
    *_dense(
        _BLOCK + "self_attention/key",
        "block_{}/attention/key",
        Axes.LAST_JOINED,
    ),
    *_dense(
        _BLOCK + "self_attention/value",
        "block_{}/attention/value",
        Axes.LAST_JOINED,
    ),
    *_dense(_BLOCK + _OUTPUT, "block_{}/attention/output", Axes.FIRST_JOINED),
    *_norm(_BLOCK + "self_attention_layer_norm", "block_{}/attention_norm"),
    *_dense(_BLOCK + "intermediate", "block_{}/feed_forward/inner"),
    *_dense(_BLOCK + "output", "block_{}/feed_forward/outer"),
    *_norm(_BLOCK + "output_layer_norm", "block_{}/feed_forward_norm"),
    *_dense("pooler_transform", "pooler"),
)

HEADS = (
    *_dense(_LM + "transform/dense", "dense", head="masked_lm"),
    *_norm(_LM + "transform/LayerNorm", "norm", head="masked_lm"),
    Rename(_LM + "output_bias/bias", "bias", head="masked_lm"),
    # BertPretrainerV2's head applies its own dense layer to the first token,
    # not the encoder's pooler.
    *_dense("next_sentence/pooler_dense", "pooler", head="next_sentence"),
    *_dense("next_sentence/logits", "dense", head="next_sentence"),
    *_dense("predictions/transform/logits", "dense", head=CLASSIFICATION),
)

GARDEN = (*ENCODER, *HEADS)

# The object path of a variable in a `BertEncoderV2`, by the name of its layer.
# Its checkpoints use object paths as keys.
_OBJECTS = {
    "word_embeddings": "_embedding_layer",
    "position_embedding": "_position_embedding_layer",
    "type_embeddings": "_type_embedding_layer",
    "embeddings/layer_norm": "_embedding_norm_layer",
    "pooler_transform": "_pooler_layer",
    "self_attention/query": "_attention_layer/_query_dense",
    "self_attention/key": "_attention_layer/_key_dense",
    "self_attention/value": "_attention_layer/_value_dense",
    "self_attention/attention_output": "_attention_layer/_output_dense",
    "self_attention_layer_norm": "_attention_layer_norm",
    "intermediate": "_intermediate_dense",
    "output": "_output_dense",
    "output_layer_norm": "_output_layer_norm",
}
# And in its layer `MaskedLM`.
_MASKED_LM_OBJECTS = {
    "transform/dense": "dense/",
    "transform/LayerNorm": "layer_norm/",
    "output_bias": "",
}


def object_path(name: str) -> str:
    """Returns the object path of a variable in its encoder or layer.

    Args:
        name: Name of a variable of the encoder or of the masked language
            model's head, as spelled in the tables above.

    Example:
        >>> object_path("transformer/layer_3/self_attention/query/kernel")
        '_transformer_layers/3/_attention_layer/_query_dense/kernel'
        >>> object_path("cls/predictions/transform/LayerNorm/gamma")
        'layer_norm/gamma'
    """
    layer, _, variable = name.rpartition("/")
    if layer.startswith(_LM):
        return _MASKED_LM_OBJECTS[layer.removeprefix(_LM)] + variable
    block = re.match(_BLOCK, name)
    above = ""
    if block:
        above = f"_transformer_layers/{block[1]}/"
        layer = layer[block.end() :]
    return f"{above}{_OBJECTS[layer]}/{variable}"
