import numpy as np

from bert_keras.preprocessing import Masking, Vocabulary
from bert_keras.training import MaskedData, TokenSequences

TOKENS = "[PAD] [UNK] [CLS] [SEP] [MASK] a b c".split()
SEQUENCES = TokenSequences(
    np.array([2, 5, 3, 2, 5, 6, 7, 6, 5, 7, 3, 2, 1, 3], np.int32),
    np.zeros(14, np.int8),
    np.array([0, 3, 11, 14]),
)


def data(rate=0.5):
    return MaskedData(SEQUENCES, Masking(Vocabulary(TOKENS), rate=rate))


def test_a_batch():
    inputs, targets, weights = data().batch(
        np.array([1, 0, 2]), np.random.default_rng(0)
    )
    assert targets.shape == (3, 3)
    # Each mask counts the same; a sequence of unknown tokens has none.
    assert weights.tolist() == [3.0, 1.0, 0.0]
    assert inputs["input_mask"].sum(axis=1).tolist() == [8, 3, 3]
    assert targets[1].tolist() == [5, -1, -1]
    assert targets[2].tolist() == [-1, -1, -1]
    positions = inputs["masked_lm_positions"]
    assert targets[0].tolist() == [
        [2, 5, 6, 7, 6, 5, 7, 3][position] for position in positions[0]
    ]
    assert set(inputs) == set(data().specs[0])


def test_masks_follow_from_the_random_numbers():
    drawn = [
        data().batch(np.array([1]), np.random.default_rng(seed))
        for seed in (1, 1, *range(2, 8))
    ]
    positions = [inputs["masked_lm_positions"].tolist() for inputs, *_ in drawn]
    assert positions[0] == positions[1]
    assert any(found != positions[0] for found in positions[2:])
    # The sequences themselves stay as they are.
    assert SEQUENCES.word_ids.tolist().count(4) == 0


def test_the_digest_depends_on_the_sequences_alone():
    assert data(0.5).digest() == data(0.2).digest()
    other = TokenSequences(
        SEQUENCES.word_ids[::-1], SEQUENCES.type_ids, SEQUENCES.starts
    )
    assert data().digest() != MaskedData(other, data().masking).digest()
