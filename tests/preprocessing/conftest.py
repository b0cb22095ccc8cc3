"""Tokenizers with a small vocabulary and with the published ones."""

import pytest
from small_vocabulary import TOKENS

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing import Tokenizer, Vocabulary

# Published vocabularies with their rules, and one combination more.
VOCABULARIES = {
    "uncased": ("bert-base-uncased", TokenizerConfig()),
    "uncased-accents": (
        "bert-base-uncased",
        TokenizerConfig(strip_accents=False),
    ),
    "cased": ("bert-base-cased", TokenizerConfig(do_lower_case=False)),
    "chinese": ("bert-base-chinese", TokenizerConfig()),
    "chinese-words": (
        "bert-base-chinese",
        TokenizerConfig(tokenize_chinese_chars=False),
    ),
    "multilingual": (
        "bert-base-multilingual-cased",
        TokenizerConfig(do_lower_case=False),
    ),
}


@pytest.fixture(scope="session")
def vocabulary():
    return Vocabulary(TOKENS)


@pytest.fixture(scope="session")
def tokenizer(vocabulary):
    return Tokenizer(vocabulary, vocabulary.config)


@pytest.fixture(scope="session")
def marking_tokenizer(vocabulary):
    return Tokenizer(vocabulary, vocabulary.config, special_tokens_in_text=True)


@pytest.fixture(scope="session", params=VOCABULARIES)
def published(request, data):
    """A tokenizer for each published vocabulary."""
    name, config = VOCABULARIES[request.param]
    vocabulary = Vocabulary.from_file(
        data / "vocab" / name / "vocab.txt", config
    )
    return Tokenizer(vocabulary, config)
