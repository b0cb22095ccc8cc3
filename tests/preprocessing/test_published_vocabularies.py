"""Equality with original BERT on every character and on real text."""

import json
import random
import unicodedata

import pytest
from oracle import Oracle

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing import Tokenizer, Vocabulary

pytestmark = pytest.mark.data

# Every assigned character except for surrogates, which cannot occur in UTF-8,
# and planes 15 and 16, which are for private use, like U+E000 to U+F8FF.
CHARACTERS = [
    chr(code)
    for code in range(0xF0000)
    if unicodedata.category(chr(code)) not in ("Cn", "Cs")
]


def assert_follows_the_rules(tokenizer, texts):
    oracle = Oracle(tokenizer.vocabulary.tokens, tokenizer.config)
    for text, ids in zip(
        texts, tokenizer.tokenize(texts).to_list(), strict=True
    ):
        assert ids == oracle.tokenize(text), ascii(text)


@pytest.mark.parametrize("around", ["ab{}cd", "{}", " {} a{}"])
def test_every_character(published, around):
    texts = [around.replace("{}", character) for character in CHARACTERS]
    assert_follows_the_rules(published, texts)


def test_random_mixtures(published):
    chooser = random.Random(7)
    parts = [*"aeiAEI  \u0301Σσ,.'中한", *chooser.sample(CHARACTERS, 3000)]
    texts = ["".join(chooser.choices(parts, k=30)) for _ in range(3000)]
    assert_follows_the_rules(published, texts)


def test_text_in_many_languages(published, data):
    files = sorted((data / "unicode" / "udhr").glob("*.txt"))
    texts = [path.read_text(encoding="utf-8")[:4000] for path in files]
    naughty = (data / "unicode" / "blns.json").read_text(encoding="utf-8")
    assert_follows_the_rules(published, texts + json.loads(naughty))


def test_questions_of_the_original_tokenizer(data):
    folder = data / "tokenizer_golden"
    questions = json.loads((folder / "question_tokens.json").read_text())
    expected = json.loads((folder / "tokenized_questions.json").read_text())
    config = TokenizerConfig()
    vocabulary = Vocabulary.from_file(
        data / "vocab" / "bert-base-uncased" / "vocab.txt", config
    )
    texts = [question["original"] for question in questions]
    assert len(texts) == 10_570
    assert Tokenizer(vocabulary, config).tokenize(texts).to_list() == expected
