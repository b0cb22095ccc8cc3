"""KerasHub's objects, as Keras describes them in JSON."""

from bert_keras.checkpoints import Contents
from bert_keras.checkpoints.readers.keras_hub_config import SIZES
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.config import BertConfig, TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX

# Modules of its classes, in keras_hub.src.models.bert.
_FILES = {
    "BertBackbone": "bert_backbone",
    "BertTokenizer": "bert_tokenizer",
    "BertTextClassifier": "bert_text_classifier",
    "BertTextEmbedder": "bert_text_embedder",
    "BertTextClassifierPreprocessor": "bert_text_classifier_preprocessor",
    "BertTextEmbedderPreprocessor": "bert_text_embedder_preprocessor",
}


def backbone(config: BertConfig) -> dict:
    """Returns a `BertBackbone`."""
    values = config.to_dict()
    sizes = {theirs: values[ours] for theirs, ours in SIZES.items()}
    return _object("BertBackbone", _layer("float32") | sizes)


def tokenizer(config: TokenizerConfig) -> dict:
    """Returns a `BertTokenizer`; its tokens are in a file of their own."""
    return _object(
        "BertTokenizer",
        _layer("int32")
        | {
            "config_file": "tokenizer.json",
            "vocabulary": None,
            "sequence_length": None,
            "lowercase": config.do_lower_case,
            "strip_accents": config.strips_accents,
            "split": True,
            "suffix_indicator": CONTINUATION_PREFIX,
            "oov_token": config.unk_token,
            "special_tokens": None,
            "special_tokens_in_strings": False,
        },
    )


def preprocessor(kind: str, contents: Contents) -> dict:
    """Returns a preprocessor, which tokenizes and packs text.

    Args:
        kind: `"classifier"` or `"embedder"`.
        contents: The model.
    """
    longest = contents.require_config().max_position_embeddings
    if contents.sentence is not None and contents.sentence.max_length:
        longest = contents.sentence.max_length
    return _object(
        f"BertText{kind.capitalize()}Preprocessor",
        _layer("float32")
        | {
            "tokenizer": tokenizer(contents.require_tokenizer()),
            "config_file": "preprocessor.json",
            "sequence_length": longest,
            "truncate": "round_robin",
        },
    )


def classifier(
    config: BertConfig, outputs: int, activation: str, prepared: dict | None
) -> dict:
    """Returns a `BertTextClassifier`.

    Args:
        config: The architecture of the encoder.
        outputs: Number of classes.
        activation: Applied to its logits; `"linear"` keeps them.
        prepared: Its preprocessor; `None` without a vocabulary.
    """
    return _object(
        "BertTextClassifier",
        {
            "backbone": backbone(config),
            "preprocessor": prepared,
            "num_classes": outputs,
            "activation": activation,
            "dropout": config.hidden_dropout_prob,
        },
    )


def embedder(
    config: BertConfig, sentence: SentenceSettings, prepared: dict | None
) -> dict:
    """Returns a `BertTextEmbedder`."""
    return _object(
        "BertTextEmbedder",
        {
            "backbone": backbone(config),
            "preprocessor": prepared,
            "pooling_mode": sentence.pooling,
            "normalize": sentence.normalize,
        },
    )


def _object(name: str, config: dict) -> dict:
    return {
        "module": f"keras_hub.src.models.bert.{_FILES[name]}",
        "class_name": name,
        "config": {"name": _FILES[name]} | config,
        "registered_name": f"keras_hub>{name}",
    }


def _layer(dtype: str) -> dict:
    return {
        "trainable": True,
        "dtype": {
            "module": "keras",
            "class_name": "DTypePolicy",
            "config": {"name": dtype},
            "registered_name": None,
        },
    }
