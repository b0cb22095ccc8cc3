"""Truncation and padding, compared with BERT's loop and tf.text's trimmer."""

import hypothesis
import hypothesis.strategies as st
import pytest
import tensorflow as tf
import tensorflow_text as tf_text

from bert_keras.contract import ENCODER_INPUTS
from bert_keras.preprocessing import SpecialIds, pack, trim_pair

SPECIAL = SpecialIds(cls=101, sep=102, pad=0)
lengths = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=4
)

# The first example traces a graph, which takes longer than the others.
untimed = hypothesis.settings(deadline=None)


def ragged(values):
    return tf.ragged.constant(values, tf.int32, ragged_rank=1)


def packed(a, b=None, **options):
    inputs = pack(ragged(a), b and ragged(b), SPECIAL, **options)
    assert tuple(inputs) == ENCODER_INPUTS
    assert all(part.dtype == tf.int32 for part in inputs.values())
    return [part.numpy().tolist() for part in inputs.values()]


def test_one_segment():
    assert packed([[7, 8, 9], [5], []], max_length=8) == [
        [[101, 7, 8, 9, 102], [101, 5, 102, 0, 0], [101, 102, 0, 0, 0]],
        [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]],
        [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
    ]


def test_two_segments():
    assert packed([[7, 8, 9], [5]], [[1], [2, 3]], max_length=9) == [
        [[101, 7, 8, 9, 102, 1, 102], [101, 5, 102, 2, 3, 102, 0]],
        [[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 0]],
        [[0, 0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1, 0]],
    ]


def test_truncates_to_the_length():
    assert packed([[7, 8, 9, 10]], max_length=4)[0] == [[101, 7, 8, 102]]
    ids = packed([[7, 8, 9, 10]], [[1, 2, 3]], max_length=8)[0]
    assert ids == [[101, 7, 8, 9, 102, 1, 2, 102]]


@pytest.mark.parametrize(
    ("padding", "length"),
    [
        ("longest", 5),
        ("fixed", 12),
        ([5], 5),
        ([8, 4], 8),
        ([2, 4], 12),
    ],
)
def test_padding(padding, length):
    ids, mask, types = packed([[7, 8, 9]], max_length=12, padding=padding)
    assert ids == [[101, 7, 8, 9, 102] + [0] * (length - 5)]
    assert mask == [[1] * 5 + [0] * (length - 5)]
    assert types == [[0] * length]


@pytest.mark.parametrize("padding", ["longest", "fixed", [4, 8]])
@pytest.mark.parametrize("b", [None, tf.zeros([0, 0], tf.int32)])
def test_empty_batch(padding, b):
    empty = tf.RaggedTensor.from_row_splits(tf.zeros([0], tf.int32), [0])
    b = None if b is None else empty
    inputs = pack(empty, b, SPECIAL, max_length=8, padding=padding)
    assert [part.shape[0] for part in inputs.values()] == [0, 0, 0]


def test_fixed_length_is_known_when_traced():
    function = tf.function(
        lambda ids: pack(ids, None, SPECIAL, max_length=8, padding="fixed"),
        input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)],
    )
    shapes = function.get_concrete_function().output_shapes
    assert all(shape[1] == 8 for shape in shapes.values())


def bert_truncates(a, b, max_tokens):
    a, b = list(a), list(b)
    while len(a) + len(b) > max_tokens:
        (a if len(a) > len(b) else b).pop()
    return a, b


@untimed
@hypothesis.given(lengths, st.integers(0, 20))
def test_truncates_as_bert_and_tf_text_do(lengths, max_tokens):
    a = [list(range(size)) for size, _ in lengths]
    b = [list(range(100, 100 + size)) for _, size in lengths]
    ours = trim_pair(ragged(a), ragged(b), max_tokens)
    ours = list(zip(*(part.to_list() for part in ours), strict=True))
    assert ours == [
        bert_truncates(*pair, max_tokens) for pair in zip(a, b, strict=True)
    ]
    trimmer = tf_text.RoundRobinTrimmer(max_tokens)
    theirs = trimmer.trim([ragged(a), ragged(b)])
    theirs = list(zip(*(part.to_list() for part in theirs), strict=True))
    assert ours == theirs
