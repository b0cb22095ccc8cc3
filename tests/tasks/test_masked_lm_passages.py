"""Lines become sequences: which share one, how long ones are split."""

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_task import PIECES

from bert_keras.config import TokenizerConfig
from bert_keras.data import DataError, read_documents
from bert_keras.preprocessing import Preprocessor, Tokenizer, Vocabulary
from bert_keras.tasks.masked_lm_passages import passage_sequences

VOCABULARY = Vocabulary(PIECES.split())
TOKENIZER = Tokenizer(VOCABULARY, TokenizerConfig())


def sequences_of(documents, max_length=8, **options):
    preprocessor = Preprocessor(TOKENIZER, max_length=max_length)
    documents = read_documents(documents)
    sequences, _ = passage_sequences(documents, preprocessor, **options)
    assert not sequences.type_ids.any()
    return [
        " ".join(VOCABULARY.tokens[i] for i in ids)
        for ids in np.split(sequences.word_ids, sequences.starts[1:-1])
    ]


def test_consecutive_lines_share_a_sequence():
    documents = [["a film .", "is good", "very dull !"], ["the play"]]
    assert sequences_of(documents) == [
        "[CLS] a film . is good [SEP]",
        "[CLS] very dull ! [SEP]",
        "[CLS] the play [SEP]",
    ]
    assert sequences_of(documents, join_lines=False) == [
        "[CLS] a film . [SEP]",
        "[CLS] is good [SEP]",
        "[CLS] very dull ! [SEP]",
        "[CLS] the play [SEP]",
    ]


def test_a_long_line_is_split_between_words():
    assert sequences_of([["a film is playing unable . good"]]) == [
        "[CLS] a film is play ##ing [SEP]",
        "[CLS] un ##able . good [SEP]",
    ]


def test_a_word_longer_than_a_sequence_is_split_too():
    assert sequences_of([["a 121212"]], max_length=5) == [
        "[CLS] a [SEP]",
        "[CLS] 1 ##2 ##1 [SEP]",
        "[CLS] ##2 ##1 ##2 [SEP]",
    ]


def test_sequences_in_which_nothing_can_be_masked(caplog):
    with caplog.at_level(logging.WARNING):
        assert sequences_of([["xyz"], ["a xyz"]]) == ["[CLS] a [UNK] [SEP]"]
    assert "1 of 2 sequences hold nothing but unknown tokens" in caplog.text
    for nothing in ("xyz", "\u200b"):
        with pytest.raises(DataError, match="language of the vocabulary"):
            sequences_of([[nothing]])


WORDS = st.sampled_from("a film playing unable 1212 . café".split())
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join))


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=4), st.integers(3, 12), st.booleans())
def test_nothing_is_lost(documents, max_length, join_lines):
    if not any(documents):
        return
    sequences = sequences_of(documents, max_length, join_lines=join_lines)
    assert all(len(each.split()) <= max_length for each in sequences)
    tokens = " ".join(each[len("[CLS] ") : -len("[SEP]")] for each in sequences)
    lines = [line for document in documents for line in document]
    ids = TOKENIZER.tokenize(lines).flat_values.numpy()
    assert tokens.split() == [VOCABULARY.tokens[i] for i in ids]
