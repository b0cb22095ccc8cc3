"""The files of a BERT tokenizer for transformers and tokenizers.

vocab.txt                 one token a line
tokenizer.json            the whole tokenizer, for the fast one
tokenizer_config.json     its settings again, and its class
special_tokens_map.json   [CLS] and the like
"""

from pathlib import Path

from bert_keras import contract
from bert_keras.checkpoints import Contents
from bert_keras.config import TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX
from bert_keras.export.writers.files import (
    TOKENIZER_CONFIG,
    write_json,
    write_tokens,
)

# `BertTokenizer` always uses this limit, whatever a file says.
_LIMIT_OF_BERT_TOKENIZER = 100
_INPUTS = ["input_ids", "token_type_ids", "attention_mask"]


def write_tokenizer(contents: Contents, folder: Path) -> None:
    """Writes the tokenizer's files, if the model has a vocabulary.

    Args:
        contents: The model.
        folder: The folder of its `config.json`.

    Raises:
        ConversionError: As `write_tokens`.
    """
    config = write_tokens(contents, folder / contract.VOCABULARY)
    if config is None:
        return
    tokens = contents.require_vocabulary()
    ids = {token: number for number, token in enumerate(tokens)}
    write_json(folder / "tokenizer.json", _tokenizer(config, ids))
    special_tokens = _special_tokens(config)
    write_json(folder / "special_tokens_map.json", special_tokens)
    positions = contents.require_config().max_position_embeddings
    write_json(
        folder / TOKENIZER_CONFIG,
        {
            "tokenizer_class": _class(config),
            "do_lower_case": config.do_lower_case,
            "strip_accents": config.strip_accents,
            "tokenize_chinese_chars": config.tokenize_chinese_chars,
            "model_max_length": positions,
            # The general class would omit the segments.
            "model_input_names": _INPUTS,
            **special_tokens,
        },
    )


def _class(config: TokenizerConfig) -> str:
    # The general class reads all of tokenizer.json, including the limit.
    if config.max_word_length == _LIMIT_OF_BERT_TOKENIZER:
        return "BertTokenizer"
    return "PreTrainedTokenizerFast"


def _special_tokens(config: TokenizerConfig) -> dict[str, str]:
    return {
        "unk_token": config.unk_token,
        "sep_token": config.sep_token,
        "pad_token": config.pad_token,
        "cls_token": config.cls_token,
        "mask_token": config.mask_token,
    }


def _tokenizer(config: TokenizerConfig, ids: dict[str, int]) -> dict:
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": ids[token],
                "content": token,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for token in sorted(set(config.special_tokens), key=ids.__getitem__)
        ],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": config.tokenize_chinese_chars,
            "strip_accents": config.strip_accents,
            "lowercase": config.do_lower_case,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": _post_processor(config, ids),
        "decoder": {
            "type": "WordPiece",
            "prefix": CONTINUATION_PREFIX,
            "cleanup": True,
        },
        "model": {
            "type": "WordPiece",
            "unk_token": config.unk_token,
            "continuing_subword_prefix": CONTINUATION_PREFIX,
            "max_input_chars_per_word": config.max_word_length,
            "vocab": ids,
        },
    }


def _post_processor(config: TokenizerConfig, ids: dict[str, int]) -> dict:
    cls, sep = config.cls_token, config.sep_token
    single = [_token(cls), _sequence("A", 0), _token(sep)]
    return {
        "type": "TemplateProcessing",
        "single": single,
        "pair": [*single, _sequence("B", 1), _token(sep, 1)],
        "special_tokens": {
            token: {"id": token, "ids": [ids[token]], "tokens": [token]}
            for token in (cls, sep)
        },
    }


def _token(token: str, segment: int = 0) -> dict:
    return {"SpecialToken": {"id": token, "type_id": segment}}


def _sequence(name: str, segment: int) -> dict:
    return {"Sequence": {"id": name, "type_id": segment}}
