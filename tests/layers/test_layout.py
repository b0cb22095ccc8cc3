import numpy as np
import pytest
from keras import ops

from bert_keras.layers import Packed, Padded

MASK = np.array([[1, 1, 0], [1, 0, 1]], "int32")
SEQUENCES = np.array([[10, 11, 12], [20, 21, 22]], "int32")


def test_padded_changes_nothing():
    layout = Padded(MASK)
    assert layout.tokens(SEQUENCES) is SEQUENCES
    assert layout.sequences(SEQUENCES) is SEQUENCES


def test_packed_keeps_the_real_tokens():
    tokens = Packed(MASK).tokens(SEQUENCES)
    assert tokens.numpy().tolist() == [10, 11, 20, 22]


def test_packed_restores_sequences():
    layout = Packed(MASK)
    # Padding takes the token before it.
    assert layout.sequences(layout.tokens(SEQUENCES)).numpy().tolist() == [
        [10, 11, 11],
        [20, 20, 22],
    ]


def test_vectors_of_tokens():
    layout = Packed(MASK)
    vectors = ops.stack([SEQUENCES, -SEQUENCES], axis=-1)
    assert layout.tokens(vectors).shape == (4, 2)
    assert layout.sequences(layout.tokens(vectors)).shape == (2, 3, 2)


def test_a_sequence_never_takes_tokens_of_another():
    layout = Packed(np.array([[1, 1, 1], [0, 0, 0], [0, 0, 1]], "int32"))
    sequences = np.arange(9).reshape(3, 3)
    assert layout.sequences(layout.tokens(sequences)).numpy().tolist() == [
        [0, 1, 2],
        [3, 3, 3],
        [6, 6, 8],
    ]


@pytest.mark.parametrize("dtype", ["bool", "int64", "float32"])
def test_any_dtype_of_mask(dtype):
    tokens = Packed(MASK.astype(dtype)).tokens(SEQUENCES)
    assert tokens.numpy().tolist() == [10, 11, 20, 22]


def test_no_sequences():
    layout = Packed(np.zeros((0, 3), "int32"))
    tokens = layout.tokens(np.zeros((0, 3, 2), "float32"))
    assert tokens.shape == (0, 2)
    assert layout.sequences(tokens).shape == (0, 3, 2)


def test_heads_of_padded_sequences():
    layout = Padded(MASK)
    tokens = np.arange(24).reshape(2, 3, 4)
    heads = layout.split_heads(tokens, 2)
    # Row 0, head 1: the second half of each token.
    assert heads[0, 1].numpy().tolist() == [[2, 3], [6, 7], [10, 11]]
    assert layout.join_heads(heads).numpy().tolist() == tokens.tolist()


def test_heads_of_packed_tokens():
    layout = Packed(MASK)  # real positions: 0 and 1, 0 and 2
    tokens = np.arange(16).reshape(4, 4)
    heads = layout.split_heads(tokens, 2)
    assert heads.shape == (2, 2, 3, 2)
    # As in `sequences`, padding takes the token before it.
    assert heads[0, 1].numpy().tolist() == [[2, 3], [6, 7], [6, 7]]
    assert heads[1, 0].numpy().tolist() == [[8, 9], [8, 9], [12, 13]]
    assert layout.join_heads(heads).numpy().tolist() == tokens.tolist()
