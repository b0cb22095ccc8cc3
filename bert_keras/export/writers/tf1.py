"""google-research/bert: `bert_config.json`, `bert_model.ckpt`, `vocab.txt`.

https://github.com/google-research/bert
"""

import logging
from pathlib import Path

from bert_keras.checkpoints import Contents
from bert_keras.checkpoints.name_maps import by_their_names
from bert_keras.checkpoints.name_maps.tf1 import TF1
from bert_keras.config import BertConfig, TokenizerConfig
from bert_keras.export.writers.files import write_json, write_vocabulary
from bert_keras.export.writers.tensorflow_file import write_checkpoint

logger = logging.getLogger(__name__)

# The keys of the published files. Any other is written if it differs from the
# default.
_KEYS = (
    "attention_probs_dropout_prob",
    "hidden_act",
    "hidden_dropout_prob",
    "hidden_size",
    "initializer_range",
    "intermediate_size",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "type_vocab_size",
    "vocab_size",
)
_TANH = ("gelu_new", "gelu_pytorch_tanh")


def write_tf1(contents: Contents, folder: Path) -> None:
    """Writes a checkpoint with the names of google-research/bert.

    Args:
        contents: The model. A warning names what that program computes
            differently, whatever the files say.
        folder: Empty.

    Raises:
        WeightsError: If it has no name for some weights.
    """
    config = contents.require_config()
    heads = config.num_attention_heads
    tensors = by_their_names(contents.tensors, TF1, attention_heads=heads)
    for head, part in contents.heads.items():
        tensors |= by_their_names(part, TF1, attention_heads=heads, head=head)
    write_checkpoint(folder / "bert_model.ckpt", tensors)
    write_json(folder / "bert_config.json", bert_config(config))
    write_vocabulary(contents, folder)
    _report(config, contents.tokenizer or TokenizerConfig())


def bert_config(config: BertConfig) -> dict:
    """Returns the content of `bert_config.json`.

    Args:
        config: The architecture.

    Example:
        >>> config = BertConfig.named("base", vocab_size=30522)
        >>> bert_config(config)["approx_gelu"]
        False
    """
    values = config.to_dict()
    defaults = BertConfig(vocab_size=1).to_dict()
    written = {key: values[key] for key in _KEYS} | {
        key: value
        for key, value in values.items()
        if key not in _KEYS and value != defaults[key]
    }
    # Their name of the tanh approximation; see readers.tensorflow_config.
    if config.hidden_act in _TANH:
        return written | {"hidden_act": "gelu"}
    if config.hidden_act == "gelu":
        return written | {"approx_gelu": False}
    return written


def _report(config: BertConfig, tokenizer: TokenizerConfig) -> None:
    ignored = {
        "exact GELU": config.hidden_act == "gelu",
        f"layer_norm_eps={config.layer_norm_eps}": config.layer_norm_eps
        != BertConfig.layer_norm_eps,
        "strip_accents": tokenizer.strips_accents != tokenizer.do_lower_case,
        "tokenize_chinese_chars": not tokenizer.tokenize_chinese_chars,
        f"max_word_length={tokenizer.max_word_length}": (
            tokenizer.max_word_length != TokenizerConfig.max_word_length
        ),
    }
    if any(ignored.values()):
        logger.warning(
            "The program google-research/bert has its own constants for: %s. "
            "The files have this model's, and load correctly here; there, "
            "outputs differ slightly.",
            ", ".join(what for what, differs in ignored.items() if differs),
        )
