"""Tokens grouped into words, and the words that spans cover."""

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing import (
    Tokenizer,
    Vocabulary,
    covered_words,
    find_words,
    inside_links,
)

TOKENS = """[PAD] [UNK] [CLS] [SEP] [MASK] new york ##er ' s . 東 京 a ##b
e ##e""".split()


@pytest.fixture(scope="module")
def words_of():
    vocabulary = Vocabulary(TOKENS)
    tokenizer = Tokenizer(vocabulary, TokenizerConfig())

    def words_of(texts):
        texts = tf.constant(texts, tf.string)
        tokens = tokenizer.tokenize_with_offsets(texts)
        return find_words(vocabulary, *tokens, inside_links(texts))

    return words_of


def test_words_by_hand(words_of):
    words = words_of(["New Yorker's.", "", "東京ab"])
    assert words.first.to_list() == [[0, 1, 3, 4, 5], [], [0, 1, 2]]
    assert words.starts.to_list() == [[0, 4, 10, 11, 12], [], [0, 1, 2]]
    assert words.ends.to_list() == [[3, 10, 11, 12, 13], [], [1, 2, 4]]


def test_a_link_is_one_word(words_of):
    words = words_of(["e", "@york.", "e http://new.york er"])
    assert words.first.to_list() == [[0], [0, 2], [0, 1, 8]]
    assert words.starts.to_list() == [[0], [0, 5], [0, 2, 18]]
    assert words.ends.to_list() == [[1], [5, 6], [1, 17, 20]]


def test_no_texts(words_of):
    assert words_of([]).first.to_list() == []
    assert words_of(["", " "]).starts.to_list() == [[], []]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("aeb@# éÉ.'東\u0301\u200b\u3000x", max_size=8), min_size=1)
)
def test_words_are_in_order_and_within_their_text(words_of, texts):
    words = words_of(texts)
    for text, starts, ends in zip(
        texts, words.starts.to_list(), words.ends.to_list(), strict=True
    ):
        reached = 0
        for start, end in zip(starts, ends, strict=True):
            assert reached <= start < end <= len(text)
            assert not text[start].isspace()
            reached = end


STARTS, ENDS = [0, 4, 10, 11], [3, 10, 11, 12]  # New Yorker ' s


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ([(0, 10)], [(0, 2)]),
        ([(4, 12)], [(1, 4)]),
        ([(5, 6)], [(1, 2)]),  # part of a word
        ([(3, 4)], [(1, 1)]),  # a space has no word
        ([(0, 5), (5, 11)], [(0, 2), (2, 3)]),  # the first gets the word
        ([(4, 5), (6, 7)], [(1, 2), (2, 2)]),
        ([(12, 20)], [(4, 4)]),
    ],
)
def test_covered_words(spans, words):
    assert covered_words(STARTS, ENDS, spans) == words
