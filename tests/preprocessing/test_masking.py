"""Masks: by hand, and what holds of all of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_vocabulary import PIECES

from bert_keras.preprocessing import Masking, Vocabulary

VOCABULARY = Vocabulary(PIECES)
THE, PLAY, ING, UN, WANT, ED, DOT = map(
    PIECES.index, ["the", "play", "##ing", "un", "##want", "##ed", "."]
)
CLS, SEP, PAD, UNK, MASK = 2, 3, 0, 1, 4


class Stub:
    """Random numbers that are known: turns of words, then shares."""

    def __init__(self, turns, shares, others=()):
        self.numbers = [np.array(turns, float), np.array(shares, float)]
        self.others = others

    def random(self, shape):
        return self.numbers.pop(0)

    def integers(self, high, size):
        return np.resize(np.array([*self.others, 0]), size)


def test_a_word_is_masked_with_all_its_pieces():
    #      [CLS] the un  ##want ##ed play ##ing .  [SEP]
    rows = [[CLS, THE, UN, WANT, ED, PLAY, ING, DOT, SEP]]
    # Turns of the four words, the rest is not used: un ##want ##ed is first.
    turns = [[0.5, 0.1, 0.3, 0.7, 0, 0, 0, 0, 0]]
    masking = Masking(VOCABULARY, rate=0.3)
    masked = masking(np.array(rows), Stub(turns, [0.0, 0.85, 0.95], [7, 8, 9]))
    assert masked.positions.tolist() == [[2, 3, 4]]
    assert masked.targets.tolist() == [[UN, WANT, ED]]
    # 80 % a mask, 10 % another piece (the 9th that is not special), 10 % kept.
    assert masked.word_ids.tolist() == [
        [CLS, THE, MASK, 5 + 8, ED, PLAY, ING, DOT, SEP]
    ]


def test_pieces_alone():
    rows = [[CLS, THE, UN, WANT, ED, SEP, PAD]]
    turns = [[0.5, 0.4, 0.1, 0.3, 0, 0, 0]]
    masking = Masking(VOCABULARY, rate=0.5, whole_words=False)
    masked = masking(np.array(rows), Stub(turns, [0.0, 0.0]))
    assert masked.targets.tolist() == [[WANT, ED]]
    assert masked.word_ids.tolist() == [[CLS, THE, UN, MASK, MASK, SEP, PAD]]


def test_a_row_that_begins_within_a_word():
    rows = [[CLS, ED, THE, SEP], [CLS, UNK, SEP, PAD]]
    turns = [[0.1, 0.2, 0, 0], [0.1, 0, 0, 0]]
    masked = Masking(VOCABULARY)(np.array(rows), Stub(turns, [0.0]))
    assert masked.targets.tolist() == [[ED], [-1]]
    assert masked.positions.tolist() == [[1], [0]]


ROWS = st.lists(
    st.lists(st.integers(0, len(PIECES) - 1), min_size=1, max_size=40),
    min_size=1,
    max_size=5,
)


@settings(max_examples=200, deadline=None)
@given(ROWS, st.floats(0.01, 0.99), st.booleans(), st.integers(0, 9))
def test_what_holds_of_all_masks(rows, rate, whole_words, seed):
    length = max(map(len, rows)) + 2
    ids = np.zeros([len(rows), length], int)
    for number, row in enumerate(rows):
        ids[number, : len(row) + 2] = [CLS, *row, SEP]
    masking = Masking(VOCABULARY, rate=rate, whole_words=whole_words)
    masked = masking(ids, np.random.default_rng(seed))
    again = masking(ids, np.random.default_rng(seed))
    assert all(map(np.array_equal, masked, again))
    for row, new, places, targets in zip(ids, *masked, strict=True):
        count = (targets >= 0).sum()
        places = places[:count]
        assert (targets[count:] == -1).all()
        assert (np.diff(places) > 0).all()
        assert (row[places] == targets[:count]).all()
        assert not set(targets[:count]) & {PAD, UNK, CLS, SEP, MASK}
        elsewhere = np.delete(np.arange(length), places)
        assert (new[elsewhere] == row[elsewhere]).all()
        can = masking.maskable(row)
        wanted = max(1, round(rate * can.sum())) if can.any() else 0
        if not whole_words:
            assert count == wanted
            continue
        assert wanted <= count <= wanted + longest(row)
        # No word is masked in part.
        chosen = np.isin(np.arange(length), places)
        for place in range(1, length):
            if PIECES[row[place]].startswith("##") and can[place - 1]:
                assert chosen[place] == chosen[place - 1]


def longest(row):
    """The longest run of pieces that continue a word."""
    runs = "".join("#" if PIECES[i].startswith("##") else " " for i in row)
    return max(map(len, runs.split()), default=0)


def test_shares_over_many_rows():
    pieces = [*PIECES[:5], *(f"w{i}" for i in range(995))]
    random = np.random.default_rng(1)
    ids = random.integers(5, 1000, [400, 102])
    ids[:, 0], ids[:, -1] = CLS, SEP
    masked = Masking(Vocabulary(pieces))(ids, random)
    assert masked.targets.shape == (400, 15)
    seen = np.take_along_axis(masked.word_ids, masked.positions, axis=1)
    assert np.mean(seen == MASK) == pytest.approx(0.8, abs=0.02)
    assert np.mean(seen == masked.targets) == pytest.approx(0.1, abs=0.02)
    assert not np.isin(seen, [PAD, UNK, CLS, SEP]).any()
    # Every place is as likely as any other.
    counts = np.bincount(masked.positions.ravel(), minlength=102)[1:-1]
    assert counts.min() > 30 and counts.max() < 95


@pytest.mark.parametrize("rate", [0, 1, -0.1, 1.5])
def test_a_rate_out_of_range(rate):
    with pytest.raises(ValueError, match="above 0 and below 1"):
        Masking(VOCABULARY, rate=rate)
