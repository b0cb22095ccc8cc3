import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert_keras.training import TokenSequences, epoch_batches


def test_sequences_become_a_batch_padded_to_the_longest():
    sequences = TokenSequences(
        word_ids=np.array([2, 5, 3, 2, 6, 7, 3, 2, 3], np.int32),
        type_ids=np.array([0, 0, 0, 0, 0, 1, 1, 0, 0], np.int8),
        starts=np.array([0, 3, 7, 9]),
    )
    assert len(sequences) == 3
    assert sequences.lengths.tolist() == [3, 4, 2]
    batch = sequences.batch(np.array([2, 0]))
    assert batch["input_word_ids"].tolist() == [[2, 3, 0], [2, 5, 3]]
    assert batch["input_mask"].tolist() == [[1, 1, 0], [1, 1, 1]]
    assert batch["input_type_ids"].tolist() == [[0, 0, 0], [0, 0, 0]]
    assert {values.dtype.name for values in batch.values()} == {"int32"}
    assert sequences.batch(np.array([1]))["input_type_ids"].tolist() == [
        [0, 0, 1, 1]
    ]


@given(
    lengths=st.lists(st.integers(1, 128), min_size=1, max_size=300),
    batch_size=st.integers(1, 40),
    seed=st.integers(0, 2**31 - 1),
    epoch=st.integers(0, 9),
)
def test_an_epoch_takes_each_sequence_once(lengths, batch_size, seed, epoch):
    lengths = np.array(lengths)
    batches = epoch_batches(lengths, batch_size, seed=seed, epoch=epoch)
    taken = np.concatenate(batches)
    assert sorted(taken.tolist()) == list(range(len(lengths)))
    assert len(batches) == -(-len(lengths) // batch_size)
    assert max(map(len, batches)) <= batch_size
    assert sum(len(batch) < batch_size for batch in batches) <= 1


def test_the_order_is_a_function_of_seed_and_epoch():
    lengths = np.arange(1, 101)

    def order(seed, epoch):
        batches = epoch_batches(lengths, 8, seed=seed, epoch=epoch)
        return [batch.tolist() for batch in batches]

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != order(2, 0)


def test_sequences_of_similar_length_share_a_batch():
    lengths = np.random.default_rng(0).integers(1, 129, 2000)
    batches = epoch_batches(lengths, 32, seed=0, epoch=0)
    longest = [lengths[batch].max() for batch in batches]
    padded = sum(top * len(b) for top, b in zip(longest, batches, strict=True))
    assert padded < 1.05 * lengths.sum()
    # The batches themselves are not sorted by length.
    assert sorted(longest) != longest


def test_sampling_draws_sequences_with_replacement():
    lengths = np.full(1000, 5)
    sampling_probabilities = np.zeros(1000)
    sampling_probabilities[:10] = [0.05] * 9 + [0.55]
    batches = epoch_batches(
        lengths,
        50,
        seed=0,
        epoch=0,
        sampling_probabilities=sampling_probabilities,
    )
    drawn = np.concatenate(batches)
    assert len(drawn) == 1000
    counts = np.bincount(drawn, minlength=1000)
    assert counts[10:].sum() == 0
    assert counts[9] == pytest.approx(550, abs=60)
    assert counts[:9] == pytest.approx(50, abs=30)


def test_values_of_tokens_are_laid_out_like_their_tokens():
    sequences = TokenSequences(
        np.arange(5, dtype=np.int32),
        np.zeros(5, np.int8),
        np.array([0, 2, 3, 5]),
    )
    values = np.array([7, 8, 9, 5, 6])
    padded = sequences.lay_out(values, np.array([2, 1]), -1)
    assert padded.tolist() == [[5, 6], [9, -1]]
