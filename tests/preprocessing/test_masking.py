"""Masks: literal examples, and properties of all masks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_vocabulary import TOKENS

from bert_keras.preprocessing import Masking, Vocabulary

VOCABULARY = Vocabulary(TOKENS)
THE, PLAY, ING, UN, WANT, ED, DOT = map(
    TOKENS.index, ["the", "play", "##ing", "un", "##want", "##ed", "."]
)
CLS, SEP, PAD, UNK, MASK = 2, 3, 0, 1, 4


class Stub:
    """Known random numbers: a key for each word, then draws."""

    def __init__(self, keys, draws, others=()):
        self.numbers = [np.array(keys, float), np.array(draws, float)]
        self.others = others

    def random(self, shape):
        return self.numbers.pop(0)

    def integers(self, high, size):
        return np.resize(np.array([*self.others, 0]), size)


def test_a_word_is_masked_with_all_its_tokens():
    #      [CLS] the un  ##want ##ed play ##ing .  [SEP]
    word_ids = [[CLS, THE, UN, WANT, ED, PLAY, ING, DOT, SEP]]
    # Keys of the four words, the rest is unused: un ##want ##ed is first.
    keys = [[0.5, 0.1, 0.3, 0.7, 0, 0, 0, 0, 0]]
    masking = Masking(VOCABULARY, rate=0.3)
    masked = masking(
        np.array(word_ids), Stub(keys, [0.0, 0.85, 0.95], [7, 8, 9])
    )
    assert masked.positions.tolist() == [[2, 3, 4]]
    assert masked.targets.tolist() == [[UN, WANT, ED]]
    # 80 % a mask, 10 % another token (the 9th that is not special), 10 % kept.
    assert masked.word_ids.tolist() == [
        [CLS, THE, MASK, 5 + 8, ED, PLAY, ING, DOT, SEP]
    ]


def test_tokens_alone():
    word_ids = [[CLS, THE, UN, WANT, ED, SEP, PAD]]
    keys = [[0.5, 0.4, 0.1, 0.3, 0, 0, 0]]
    masking = Masking(VOCABULARY, rate=0.5, whole_words=False)
    masked = masking(np.array(word_ids), Stub(keys, [0.0, 0.0]))
    assert masked.targets.tolist() == [[WANT, ED]]
    assert masked.word_ids.tolist() == [[CLS, THE, UN, MASK, MASK, SEP, PAD]]


def test_a_sequence_that_begins_inside_a_word():
    word_ids = [[CLS, ED, THE, SEP], [CLS, UNK, SEP, PAD]]
    keys = [[0.1, 0.2, 0, 0], [0.1, 0, 0, 0]]
    masked = Masking(VOCABULARY)(np.array(word_ids), Stub(keys, [0.0]))
    assert masked.targets.tolist() == [[ED], [-1]]
    assert masked.positions.tolist() == [[1], [0]]


SEQUENCES = st.lists(
    st.lists(st.integers(0, len(TOKENS) - 1), min_size=1, max_size=40),
    min_size=1,
    max_size=5,
)


@settings(max_examples=200, deadline=None)
@given(SEQUENCES, st.floats(0.01, 0.99), st.booleans(), st.integers(0, 9))
def test_properties_of_all_masks(sequences, rate, whole_words, seed):
    length = max(map(len, sequences)) + 2
    ids = np.zeros([len(sequences), length], int)
    for number, sequence in enumerate(sequences):
        ids[number, : len(sequence) + 2] = [CLS, *sequence, SEP]
    masking = Masking(VOCABULARY, rate=rate, whole_words=whole_words)
    masked = masking(ids, np.random.default_rng(seed))
    again = masking(ids, np.random.default_rng(seed))
    assert all(map(np.array_equal, masked, again))
    for old, new, positions, targets in zip(ids, *masked, strict=True):
        count = (targets >= 0).sum()
        positions = positions[:count]
        assert (targets[count:] == -1).all()
        assert (np.diff(positions) > 0).all()
        assert (old[positions] == targets[:count]).all()
        assert not set(targets[:count]) & {PAD, UNK, CLS, SEP, MASK}
        elsewhere = np.delete(np.arange(length), positions)
        assert (new[elsewhere] == old[elsewhere]).all()
        maskable = masking.maskable(old)
        wanted = max(1, round(rate * maskable.sum())) if maskable.any() else 0
        if not whole_words:
            assert count == wanted
            continue
        assert wanted <= count <= wanted + longest_run(old)
        # No word is masked partially.
        chosen = np.isin(np.arange(length), positions)
        for i in range(1, length):
            if TOKENS[old[i]].startswith("##") and maskable[i - 1]:
                assert chosen[i] == chosen[i - 1]


def longest_run(ids):
    """The longest run of tokens that continue a word."""
    runs = "".join("#" if TOKENS[i].startswith("##") else " " for i in ids)
    return max(map(len, runs.split()), default=0)


def test_shares_over_many_sequences():
    tokens = [*TOKENS[:5], *(f"w{i}" for i in range(995))]
    random = np.random.default_rng(1)
    ids = random.integers(5, 1000, [400, 102])
    ids[:, 0], ids[:, -1] = CLS, SEP
    masked = Masking(Vocabulary(tokens))(ids, random)
    assert masked.targets.shape == (400, 15)
    seen = np.take_along_axis(masked.word_ids, masked.positions, axis=1)
    assert np.mean(seen == MASK) == pytest.approx(0.8, abs=0.02)
    assert np.mean(seen == masked.targets) == pytest.approx(0.1, abs=0.02)
    assert not np.isin(seen, [PAD, UNK, CLS, SEP]).any()
    # All positions are equally likely.
    counts = np.bincount(masked.positions.ravel(), minlength=102)[1:-1]
    assert counts.min() > 30 and counts.max() < 95


@pytest.mark.parametrize("rate", [0, 1, -0.1, 1.5])
def test_a_rate_out_of_range(rate):
    with pytest.raises(ValueError, match="above 0 and below 1"):
        Masking(VOCABULARY, rate=rate)
