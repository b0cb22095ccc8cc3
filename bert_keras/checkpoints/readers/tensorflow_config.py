"""Configuration files beside TensorFlow checkpoints.

In both google-research/bert and the Model Garden "gelu" is the tanh
approximation; in Hugging Face's files it is exact GELU.
"""

from pathlib import Path

from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.json_files import read_json
from bert_keras.config import BertConfig

# Our key -> theirs, and those of the Garden's two generations. Other keys of
# the Garden's files are about training.
_KEYS = {
    "vocab_size": ("vocab_size",),
    "hidden_size": ("hidden_size",),
    "num_hidden_layers": ("num_hidden_layers", "num_layers"),
    "num_attention_heads": ("num_attention_heads",),
    "intermediate_size": ("intermediate_size", "inner_dim"),
    "max_position_embeddings": (
        "max_position_embeddings",
        "max_sequence_length",
    ),
    "type_vocab_size": ("type_vocab_size",),
    "hidden_act": (
        "hidden_act",
        "hidden_activation",
        "inner_activation",
        "activation",
    ),
    "hidden_dropout_prob": (
        "hidden_dropout_prob",
        "dropout_rate",
        "output_dropout",
    ),
    "attention_probs_dropout_prob": (
        "attention_probs_dropout_prob",
        "attention_dropout_rate",
        "attention_dropout",
    ),
    "initializer_range": ("initializer_range",),
    "layer_norm_eps": ("layer_norm_eps", "norm_epsilon"),
}
# The path to the encoder in a file of the Garden.
_INSIDE = ("task", "model", "encoder", "bert")
# The Garden's key; false means that its "gelu" is exact.
APPROXIMATE = "approx_gelu"


def read_bert_config(path: Path) -> BertConfig:
    """Reads google-research's `bert_config.json`.

    Args:
        path: The file. `"hidden_act": "gelu"` is the tanh approximation,
            unless it also has `"approx_gelu": false`.

    Raises:
        CheckpointError: If it is not a BERT configuration.
    """
    values = read_json(path)
    values["hidden_act"] = activation(values.get("hidden_act", "gelu"), values)
    values.pop(APPROXIMATE, None)
    try:
        return BertConfig.from_dict(values)
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path}: {error}") from error


def activation(name: str, values: dict) -> str:
    """Returns our name of an activation that a TensorFlow file names.

    Args:
        name: Their name.
        values: Content of the file, of which `approx_gelu` is used.

    Example:
        >>> activation("gelu", {}), activation("gelu", {"approx_gelu": False})
        ('gelu_new', 'gelu')
    """
    if name == "gelu" and values.get(APPROXIMATE, True):
        return "gelu_new"
    return name


def read_encoder_settings(path: Path) -> dict:
    """Reads the settings of an encoder from a file beside its checkpoint.

    Args:
        path: google-research's `bert_config.json`, or the Garden's parameters
            of an encoder or a whole experiment, in JSON or YAML.

    Returns:
        Fields of `BertConfig` that the file states.

    Raises:
        CheckpointError: If the file describes another architecture.
    """
    values = _read(path)
    for key in _INSIDE:
        kind = values.get("type")
        if isinstance(kind, str) and kind != "bert":
            raise CheckpointError(
                f"{path}: Expected an encoder of the type bert. Received: "
                f"{kind!r}"
            )
        if isinstance(values.get(key), dict):
            values = values[key]
    if values.get("norm_first"):
        raise CheckpointError(
            f"{path}: Expected BERT, which normalizes after each sublayer. "
            "Received: norm_first=True"
        )
    found = {
        ours: values[key]
        for ours, theirs in _KEYS.items()
        for key in theirs
        if values.get(key) is not None
    }
    if "hidden_act" in found:
        found["hidden_act"] = activation(found["hidden_act"], values)
    return found


def _read(path: Path) -> dict:
    if path.suffix != ".yaml":
        return read_json(path)
    try:
        import yaml
    except ImportError as error:
        raise CheckpointError(
            f"{path}: Expected PyYAML to be installed, to read the encoder's "
            "activation from this file. Try: pip install pyyaml"
        ) from error
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise CheckpointError(
            f"{path}: Expected keys and values. Received: "
            f"{type(values).__name__}"
        )
    return values
