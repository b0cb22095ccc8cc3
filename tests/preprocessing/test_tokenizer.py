"""Tokens: literal examples, and BERT's rules in plain Python.

Offsets are checked in test_offsets.py, exports in test_saved_model.py.
"""

import hypothesis
import hypothesis.strategies as st
import pytest
import tensorflow as tf
from oracle import Oracle
from small_vocabulary import TOKENS

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing import Tokenizer, Vocabulary

# Characters with special rules, and some without.
TRICKY = (
    "aAéÉeE\u0301\u0308ßẞİıΣσςΑ'.,!-_$#[]{}~ \t\n\r\u00a0\u2028\u2029\u3000"
    "\0\x01\x1c\x7f\x85\u00ad\u200b\u200d\ufeff\ufffd東京龜豈한ᄒ가\u302e\u1b44\u1baa"
    "\U00016ff0—…“；。😀\U000e0041\ue000ﬁ½™①Å\u0345ʰ"
)
mixed_text = st.text(
    st.one_of(st.sampled_from(TRICKY), st.characters(codec="utf-8"))
)

# The first example traces a graph, which takes longer than the others.
untimed = hypothesis.settings(deadline=None)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("the playing", "the play ##ing"),
        ("Café, NAÏVE!", "cafe , naive !"),
        ("unwanted", "un ##want ##ed"),
        ("un\u200bwanted\0", "un ##want ##ed"),
        ("unknownword play", "[UNK] play"),
        ("東京the", "東 京 the"),
        ("the—play", "the — play"),
        ("한", "ᄒ ##ᅡ ##ᆫ"),
        ("[MASK]", "[ mask ]"),
        ("Σ ΣΣ σ", "σ σ ##ς σ"),
        ("ΣΣ, ΣΣΣ", "σ ##ς , σ ##σ ##ς"),
        ("e\u0301x", "e ##x"),
        # Private use is kept, and is in no vocabulary.
        ("a\ue000b \ue000 the", "[UNK] [UNK] the"),
        ("", ""),
        (" \t\n\u3000\u2028", ""),
    ],
)
def test_tokens(tokenizer, text, tokens):
    ids = tokenizer.tokenize([text]).to_list()[0]
    assert [TOKENS[i] for i in ids] == tokens.split()


def test_result_is_ragged_int32(tokenizer):
    ids = tokenizer.tokenize(["the", "the play"])
    assert ids.dtype == tf.int32
    assert ids.to_list() == [[5], [5, 6]]


def test_empty_batch(tokenizer):
    assert tokenizer.tokenize([]).to_list() == []
    assert tokenizer.tokenize_with_offsets([])[1].to_list() == []


@pytest.mark.parametrize(
    ("data", "same_as"),
    [
        (b"pl\xffay", "play"),
        (b"play\xe2\x82", "play"),
        (b"pl\xf0\x9f\x98ay \xf0\x9f", "play "),
        (b"pl\xed\xa0\x80ay\xc0\xaf", "play"),
        (b"\xf4\x90\x80\x80play", "play"),
        (b"\xff\xce\xa3\xe2\xce\xa3\xce", "ΣΣ"),
    ],
)
def test_invalid_utf8_is_skipped(tokenizer, data, same_as):
    assert data.decode("utf-8", "ignore") == same_as
    got, expected = tokenizer.tokenize([data, same_as]).to_list()
    assert got == expected


@untimed
@hypothesis.given(st.binary())
def test_any_bytes_are_decoded_as_python_does(tokenizer, data):
    text = data.decode("utf-8", "ignore")
    got, expected = tokenizer.tokenize([data, text]).to_list()
    assert got == expected


@pytest.mark.parametrize("letter", ["e", "é", "e\u0301"])
@pytest.mark.parametrize("config", [{}, {"tokenize_chinese_chars": False}])
def test_word_limit_counts_characters_after_normalization(letter, config):
    config = TokenizerConfig(max_word_length=7, **config)
    tokenizer = Tokenizer(Vocabulary(TOKENS, config), config)
    seven, eight = letter * 7, letter * 8
    ids = tokenizer.tokenize([f"{seven} {eight},the", eight]).to_list()
    spelled = [TOKENS.index("e")] + [TOKENS.index("##e")] * 6
    assert ids == [[*spelled, 1, TOKENS.index(","), 5], [1]]


def test_word_limit_in_wide_characters():
    config = TokenizerConfig(max_word_length=3, strip_accents=False)
    tokens = [*TOKENS, "한", "##한"]
    tokenizer = Tokenizer(Vocabulary(tokens, config), config)
    ids = tokenizer.tokenize(["한한한 한한한한"]).to_list()
    assert ids == [[len(TOKENS), len(TOKENS) + 1, len(TOKENS) + 1, 1]]


def test_long_inputs(tokenizer):
    words = 200_000
    ids = tokenizer.tokenize(["the " * words, "x" * 10_000, "the"])
    assert ids.row_lengths().numpy().tolist() == [words, 1, 1]
    assert ids.to_list()[1:] == [[1], [5]]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("the [MASK]ing", "the [MASK] [UNK]"),
        ("[CLS]the[SEP][SEP]", "[CLS] the [SEP] [SEP]"),
        ("[mask]", "[ mask ]"),
        ("\x01\x06\x07[PAD]", "[PAD]"),
        ("[UNK]", "[UNK]"),
    ],
)
def test_special_tokens_in_text(marking_tokenizer, text, tokens):
    ids = marking_tokenizer.tokenize([text]).to_list()[0]
    assert [TOKENS[i] for i in ids] == tokens.split()


def test_special_tokens_in_invalid_utf8(marking_tokenizer):
    ids, starts, ends = marking_tokenizer.tokenize_with_offsets(
        [b"\xff[MA\xe2\x82SK]!"]
    )
    assert ids.to_list() == marking_tokenizer.tokenize(["[MASK]!"]).to_list()
    assert (starts.to_list(), ends.to_list()) == ([[0, 6]], [[6, 7]])
    assert marking_tokenizer.tokenize([b"[MA\xe2\x82SK]!"]).to_list() == (
        ids.to_list()
    )


def test_texts_cannot_contain_placeholders(marking_tokenizer):
    # The placeholder of [MASK] consists of these control characters.
    for first in "\x01\x02\x03\x04\x05":
        text = f"{first}\x06\x06\x06\x06\x07"
        assert marking_tokenizer.tokenize([text]).to_list() == [[]]


def test_special_tokens_of_other_spellings():
    config = TokenizerConfig(cls_token="^", mask_token="⟨空⟩")
    tokens = ["[PAD]", "[UNK]", "^", "[SEP]", "⟨空⟩", "a"]
    tokenizer = Tokenizer(
        Vocabulary(tokens, config), config, special_tokens_in_text=True
    )
    ids, starts, ends = tokenizer.tokenize_with_offsets(["a^a⟨空⟩a^^"])
    assert ids.to_list() == [[5, 2, 5, 4, 5, 2, 2]]
    assert starts.to_list() == [[0, 1, 2, 3, 6, 7, 8]]
    assert ends.to_list() == [[1, 2, 3, 6, 7, 8, 9]]


def test_config_must_fit_the_vocabulary(vocabulary):
    with pytest.raises(ValueError, match=r"Vocabulary\(vocabulary.tokens"):
        Tokenizer(vocabulary, TokenizerConfig(cls_token="<s>"))


def test_detokenize(tokenizer):
    ids = tokenizer.tokenize(["Playing, the café!", ""])
    texts = tokenizer.detokenize(ids).numpy().tolist()
    assert texts == [b"playing , the cafe !", b""]


@untimed
@hypothesis.given(mixed_text)
def test_mixed_text_follows_the_rules(tokenizer, text):
    oracle = Oracle(TOKENS, tokenizer.config)
    assert tokenizer.tokenize([text]).to_list() == [oracle.tokenize(text)]


@untimed
@hypothesis.given(st.lists(mixed_text, max_size=4))
def test_same_in_a_batch_as_alone(tokenizer, texts):
    alone = [tokenizer.tokenize([text]).to_list()[0] for text in texts]
    assert tokenizer.tokenize(texts).to_list() == alone


def test_same_in_tf_data(tokenizer):
    texts = ["the café", "ΣΣ [MASK]", "", "東京"]
    dataset = tf.data.Dataset.from_tensor_slices(texts).batch(2)
    found = [ids for part in dataset.map(tokenizer.tokenize) for ids in part]
    expected = tokenizer.tokenize(texts)
    assert [ids.numpy().tolist() for ids in found] == expected.to_list()
