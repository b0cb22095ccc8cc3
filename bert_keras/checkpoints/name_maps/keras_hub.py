"""Names of KerasHub's weight files: paths in HDF5, `.../vars/0` and so on.

A file numbers the layers of each class, `dense`, `dense_1`, in the order of the
model's layers, so a name has a meaning only within one class of model: there is
one table for the backbone, and one for each task around it. The first block has
no number in a file; `numbered` adds one for the tables. Linear layers are
[in, out] as here; attention heads are an axis of their own.

The names are those of KerasHub 0.32.
"""

from bert_keras.checkpoints.name_maps.rows import Rename
from bert_keras.checkpoints.tensors import Axes

# Keras 3.0 and 3.1 used the longer name.
_LAYERS = "(?:layers|_layer_checkpoint_dependencies)/"
_BLOCK = _LAYERS + r"transformer_encoder_(\d+)/"
_ATTENTION = _BLOCK + "_self_attention_layer/"


def numbered(name: str) -> str:
    """Returns the tables' spelling of a name in a file.

    Example:
        >>> numbered("layers/transformer_encoder/vars/0")
        'layers/transformer_encoder_0/vars/0'
    """
    return name.replace("/transformer_encoder/", "/transformer_encoder_0/", 1)


def unnumbered(name: str) -> str:
    """Returns the spelling in a file of a name in the tables.

    Example:
        >>> unnumbered("layers/transformer_encoder_0/vars/0")
        'layers/transformer_encoder/vars/0'
    """
    return name.replace("/transformer_encoder_0/", "/transformer_encoder/", 1)


def _pair(
    theirs: str,
    ours: tuple[str, str],
    *,
    axes: tuple[Axes, Axes] = (Axes.SAME, Axes.SAME),
    head: str = "",
) -> tuple[Rename, ...]:
    """Returns the two variables of a layer, in the order Keras creates them."""
    return tuple(
        Rename(f"{theirs}/vars/{index}", ours[index], axes[index], head)
        for index in (0, 1)
    )


def _linear(theirs: str, ours: str, **options) -> tuple[Rename, ...]:
    return _pair(theirs, (f"{ours}/kernel", f"{ours}/bias"), **options)


def _norm(theirs: str, ours: str, **options) -> tuple[Rename, ...]:
    return _pair(theirs, (f"{ours}/gamma", f"{ours}/beta"), **options)


def _projection(name: str) -> tuple[Rename, ...]:
    return _linear(
        f"{_ATTENTION}{name}_dense",
        "block_{}/attention/" + name,
        axes=(Axes.LAST_JOINED, Axes.LAST_JOINED),
    )


BACKBONE = (
    Rename(
        _LAYERS + "reversible_embedding/vars/0", "embeddings/word/embeddings"
    ),
    Rename(
        _LAYERS + "position_embedding/vars/0", "embeddings/position/embeddings"
    ),
    Rename(_LAYERS + "embedding/vars/0", "embeddings/type/embeddings"),
    *_norm(_LAYERS + "layer_normalization", "embeddings/norm"),
    *_projection("query"),
    *_projection("key"),
    *_projection("value"),
    *_linear(
        _ATTENTION + "output_dense",
        "block_{}/attention/output",
        axes=(Axes.FIRST_JOINED, Axes.SAME),
    ),
    *_norm(_BLOCK + "_self_attention_layer_norm", "block_{}/attention_norm"),
    *_linear(
        _BLOCK + "_feedforward_intermediate_dense",
        "block_{}/feed_forward/inner",
    ),
    *_linear(
        _BLOCK + "_feedforward_output_dense", "block_{}/feed_forward/outer"
    ),
    *_norm(_BLOCK + "_feedforward_layer_norm", "block_{}/feed_forward_norm"),
    *_linear(_LAYERS + "dense", "pooler"),
)

# A compiled model's file also has the slots of its optimizer.
_OPTIMIZER = Rename("optimizer/.*", "")
_LM = _LAYERS + "masked_lm_head"

CLASSIFIER = (
    *_linear(_LAYERS + "dense", "dense", head="sequence_classifier"),
    _OPTIMIZER,
)
MASKED_LM = (
    *_linear(_LM + "/_intermediate_dense", "dense", head="masked_lm"),
    *_norm(_LM + "/_intermediate_layer_norm", "norm", head="masked_lm"),
    Rename(_LM + "/vars/0", "bias", head="masked_lm"),
    _OPTIMIZER,
)
