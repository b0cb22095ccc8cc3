"""Offsets: literal examples, and that a span spells its token."""

import hypothesis
import hypothesis.strategies as st
import pytest
from oracle import Oracle
from small_vocabulary import TOKENS
from test_tokenizer import mixed_text

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing import Tokenizer, Vocabulary

# The first example traces a graph, which takes longer than the others.
untimed = hypothesis.settings(deadline=None)


def spans(tokenizer, text):
    """Returns each token with the text that it was made from."""
    ids, starts, ends = tokenizer.tokenize_with_offsets([text])
    if isinstance(text, bytes):
        text = text.decode("utf-8", "ignore")
    tokens = tokenizer.vocabulary.tokens
    return [
        (tokens[i], text[start:end])
        for i, start, end in zip(
            *(part.to_list()[0] for part in (ids, starts, ends)), strict=True
        )
    ]


def test_literal_offsets(tokenizer):
    ids, starts, ends = tokenizer.tokenize_with_offsets(
        ["naïve café, played", "", "東京"]
    )
    tokens = [[TOKENS[i] for i in text] for text in ids.to_list()]
    assert tokens == [
        ["naive", "cafe", ",", "play", "##ed"],
        [],
        ["東", "京"],
    ]
    assert starts.to_list() == [[0, 6, 10, 12, 16], [], [0, 1]]
    assert ends.to_list() == [[5, 10, 11, 16, 18], [], [1, 2]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A stripped accent belongs to its letter, even a separate one.
        ("cafe\u0301 the", [("cafe", "cafe\u0301"), ("the", "the")]),
        ("e\u0301xe", [("e", "e\u0301"), ("##x", "x"), ("##e", "e")]),
        # Control characters belong to nothing, except inside a token.
        ("\ufeffthe\u200b.\0", [("the", "the"), (".", ".")]),
        ("p\u00adlay\u00ading", [("play", "p\u00adlay"), ("##ing", "ing")]),
        # A syllable is split into parts; each covers the whole syllable.
        ("한", [("ᄒ", "한"), ("##ᅡ", "한"), ("##ᆫ", "한")]),
        # An unknown token covers its word.
        ("😀😀 the", [("[UNK]", "😀😀"), ("the", "the")]),
        ("the—play", [("the", "the"), ("—", "—"), ("play", "play")]),
        ("ΣΣ!", [("σ", "Σ"), ("##ς", "Σ"), ("!", "!")]),
        ("\u3000the\t東", [("the", "the"), ("東", "東")]),
        # Bytes that are not UTF-8 do not count.
        (b"\xffthe\xe2\x82 pl\xf0ay", [("the", "the"), ("play", "play")]),
    ],
)
def test_spans(tokenizer, text, expected):
    assert spans(tokenizer, text) == expected


def test_special_tokens(marking_tokenizer):
    text = "é[MASK]ing [SEP]\u200b."
    assert spans(marking_tokenizer, text) == [
        ("e", "é"),
        ("[MASK]", "[MASK]"),
        ("[UNK]", "ing"),
        ("[SEP]", "[SEP]"),
        (".", "."),
    ]


def test_too_long_word():
    config = TokenizerConfig(max_word_length=3)
    tokenizer = Tokenizer(Vocabulary(TOKENS, config), config)
    assert spans(tokenizer, "é éxéx,é the") == [
        ("e", "é"),
        ("[UNK]", "éxéx"),
        (",", ","),
        ("e", "é"),
        ("the", "the"),
    ]


@pytest.fixture(scope="module")
def spelling_tokenizer():
    """Can spell every word that is likely in the mixed texts."""
    letters = "aeixσςssḱⴀ中한ıÅåﬁ½™ʰ"
    tokens = [*TOKENS[:5], *dict.fromkeys(letters), ".", ",", "'", "["]
    tokens += [f"##{letter}" for letter in dict.fromkeys(letters)]
    return Tokenizer(Vocabulary(tokens), TokenizerConfig())


@untimed
@hypothesis.given(mixed_text)
def test_a_span_spells_its_token(spelling_tokenizer, text):
    check_spans(spelling_tokenizer, text)


@untimed
@hypothesis.given(st.binary())
def test_spans_in_any_bytes(spelling_tokenizer, data):
    check_spans(spelling_tokenizer, data)


def check_spans(tokenizer, text):
    ids = tokenizer.tokenize([text]).to_list()[0]
    oracle = Oracle(tokenizer.vocabulary.tokens, tokenizer.config)
    found = spans(tokenizer, text)
    assert [oracle.ids[token] for token, _ in found] == ids
    for token, span in found:
        # The form of a sigma depends on its neighbours, which a span by itself
        # does not have.
        alone = [
            tokenizer.vocabulary.tokens[i].replace("ς", "σ")
            for i in oracle.tokenize(span)
        ]
        if token == "[UNK]":
            assert alone == ["[UNK]"]
        else:
            assert token.removeprefix("##").replace("ς", "σ") in alone


@untimed
@hypothesis.given(mixed_text)
def test_spans_are_in_order(tokenizer, text):
    _, starts, ends = tokenizer.tokenize_with_offsets([text])
    starts, ends = starts.to_list()[0], ends.to_list()[0]
    assert all(a < b for a, b in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    assert ends == sorted(ends)


@pytest.mark.data
def test_offsets_in_published_vocabularies(published, data):
    path = data / "unicode" / "udhr" / "ell_monotonic.txt"
    text = path.read_text(encoding="utf-8")[:3000]
    words = "".join(span for _, span in spans(published, text))
    assert words == "".join(text.split())
