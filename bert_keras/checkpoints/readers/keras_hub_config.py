"""The settings of a KerasHub preset: Keras objects as JSON, read as data."""

from pathlib import Path

from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.json_files import read_json
from bert_keras.config import BertConfig, TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"

# Our key by theirs.
SIZES = {
    "vocabulary_size": "vocab_size",
    "num_layers": "num_hidden_layers",
    "num_heads": "num_attention_heads",
    "hidden_dim": "hidden_size",
    "intermediate_dim": "intermediate_size",
    "dropout": "hidden_dropout_prob",
    "max_sequence_length": "max_position_embeddings",
    "num_segments": "type_vocab_size",
}
# Constants of the backbone's code.
FIXED = {"hidden_act": "gelu_new", "layer_norm_eps": 1e-12}
_BOOKKEEPING = {"name", "trainable", "dtype"}
# Settings that BERT's tokenizer has.
_REQUIRED = {
    "split": True,
    "split_on_cjk": True,
    "suffix_indicator": CONTINUATION_PREFIX,
}
# Longest word of the operation that KerasHub calls, which counts bytes.
MAX_WORD_LENGTH = 100


def read_object(path: Path, classes: tuple[str, ...]) -> tuple[str, dict]:
    """Reads an object that Keras serialized, without building it.

    Args:
        path: A JSON file with `class_name` and `config`.
        classes: The classes that are allowed.

    Returns:
        The class, and the arguments of its constructor.

    Raises:
        CheckpointError: If it is of another class.
    """
    values = read_json(path)
    name, config = values.get("class_name"), values.get("config")
    if name not in classes or not isinstance(config, dict):
        raise CheckpointError(
            f"{path}: Expected class_name {' or '.join(classes)} of KerasHub. "
            f"Received: {name!r}. Only BERT's own architecture is supported."
        )
    return name, config


def read_backbone_config(path: Path) -> BertConfig:
    """Reads the architecture of a `BertBackbone`.

    The activation, the tanh approximation of GELU, and the normalization's
    epsilon, 1e-12, are constants of KerasHub's code, not in the file.

    Args:
        path: The preset's `config.json`.

    Raises:
        CheckpointError: If it is another model, or its sizes are impossible.
    """
    _, values = read_object(path, ("BertBackbone",))
    unknown = sorted(set(values) - set(SIZES) - _BOOKKEEPING)
    missing = sorted(set(SIZES) - set(values))
    if unknown or missing:
        raise CheckpointError(
            f"{path}: Expected {', '.join(SIZES)}. Unknown: "
            f"{', '.join(unknown) or 'none'}. Missing: "
            f"{', '.join(missing) or 'none'}. KerasHub may have changed since "
            "this release: convert the preset with an older one."
        )
    sizes = {ours: values[theirs] for theirs, ours in SIZES.items()}
    sizes["attention_probs_dropout_prob"] = values["dropout"]
    try:
        return BertConfig(**sizes, **FIXED)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: {error}") from error


def read_tokenizer_config(path: Path) -> TokenizerConfig:
    """Reads how a `BertTokenizer` splits text.

    Args:
        path: The preset's `tokenizer.json`.

    Raises:
        CheckpointError: If it does not split text as BERT does.
    """
    _, values = read_object(path, ("BertTokenizer",))
    for key, expected in _REQUIRED.items():
        if values.get(key, expected) != expected:
            raise CheckpointError(
                f"{path}: Expected {key}={expected!r}. Received: "
                f"{values[key]!r}. The encoder can be loaded, but text cannot "
                "be prepared for it."
            )
    return TokenizerConfig(
        do_lower_case=bool(values.get("lowercase", False)),
        strip_accents=bool(values.get("strip_accents", False)),
        unk_token=values.get("oov_token", "[UNK]"),
        max_word_length=MAX_WORD_LENGTH,
    )
