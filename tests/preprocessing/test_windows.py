"""Windows of long texts: literal examples, original BERT's loop, batches."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing import Preprocessor, Tokenizer, Vocabulary
from bert_keras.preprocessing.windows import map_windows, slide

TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefgh", "##a"]


@pytest.fixture(scope="module")
def preprocessor():
    tokenizer = Tokenizer(Vocabulary(TOKENS), TokenizerConfig())
    return Preprocessor(tokenizer, max_length=9)


def numbers(windows):
    return [
        [n for n in row if n >= 0]
        for row in windows.token_indices.numpy().tolist()
    ]


def test_windows_of_a_question_and_its_context(preprocessor):
    windows = slide(
        preprocessor,
        tf.constant(["c d e f g h", "", "c"]),
        tf.constant(["a b", "a", ""]),
        stride=2,
    )
    assert windows.text_indices.numpy().tolist() == [0, 0, 1, 2]
    assert windows.inputs["input_word_ids"].numpy().tolist() == [
        [2, 5, 6, 3, 7, 8, 9, 10, 3],
        [2, 5, 6, 3, 9, 10, 11, 12, 3],
        [2, 5, 3, 3, 0, 0, 0, 0, 0],
        [2, 3, 7, 3, 0, 0, 0, 0, 0],
    ]
    assert windows.inputs["input_type_ids"].numpy().tolist() == [
        [0, 0, 0, 0, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 1, 1, 1, 1, 1],
        [0, 0, 0, 1, 0, 0, 0, 0, 0],
        [0, 0, 1, 1, 0, 0, 0, 0, 0],
    ]
    assert numbers(windows) == [[0, 1, 2, 3], [2, 3, 4, 5], [], [0]]
    assert windows.starts.numpy()[1].tolist() == [-1] * 4 + [4, 6, 8, 10, -1]
    assert windows.ends.numpy()[1].tolist() == [-1] * 4 + [5, 7, 9, 11, -1]
    assert windows.is_max_context.numpy()[:2, 4:8].tolist() == [
        [True, True, True, False],
        [False, True, True, True],
    ]


def test_a_long_question_leaves_half_of_the_window(preprocessor):
    windows = slide(
        preprocessor,
        tf.constant(["c d e f"]),
        tf.constant(["a " * 50]),
        stride=3,
    )
    assert windows.inputs["input_word_ids"].numpy().tolist() == [
        [2, 5, 5, 5, 3, 7, 8, 9, 3],
        [2, 5, 5, 5, 3, 10, 3, 0, 0],
    ]


def test_offsets_are_characters_of_the_text(preprocessor):
    text = "é a  aá\U0001f600 b"
    windows = slide(preprocessor, tf.constant([text]), stride=3)
    inside = windows.starts.numpy() >= 0
    spans = {
        (int(a), int(b))
        for a, b in zip(
            windows.starts.numpy()[inside],
            windows.ends.numpy()[inside],
            strict=True,
        )
    }
    assert [text[a:b] for a, b in sorted(spans)][:2] == ["é", "a"]
    assert "b" in [text[a:b] for a, b in spans]


def as_in_original_bert(size, room, stride):
    """Spans, and the window in which each token has the most context."""
    spans, start = [], 0
    while True:
        length = min(room, size - start)
        spans.append((start, length))
        if start + length == size:
            break
        start += min(length, stride)
    best = []
    for token in range(size):
        scores = [
            min(token - start, start + length - 1 - token) + 0.01 * length
            if start <= token < start + length
            else -1
            for start, length in spans
        ]
        best.append(int(np.argmax(scores)))
    return spans, best


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    question_length=st.integers(0, 5),
    stride=st.integers(1, 9),
)
def test_windows_are_those_of_original_bert(
    preprocessor, sizes, question_length, stride
):
    windows = slide(
        preprocessor,
        tf.constant(["a " * size for size in sizes]),
        tf.constant(["b " * question_length] * len(sizes)),
        stride=stride,
    )
    room = 6 - min(question_length, 3)
    found = numbers(windows)
    text_indices = windows.text_indices.numpy()
    best = windows.is_max_context.numpy()
    for text, size in enumerate(sizes):
        spans, windows_of = as_in_original_bert(size, room, stride)
        mine = np.flatnonzero(text_indices == text)
        assert [found[i] for i in mine] == [
            list(range(start, start + length)) for start, length in spans
        ]
        for token, window in enumerate(windows_of):
            held = windows.token_indices.numpy()[mine] == token
            assert (held & best[mine]).any(axis=1).nonzero()[0] == [window]


@pytest.mark.parametrize("texts", [[], ["a b c d e f g h " * 9, "a"]])
def test_windows_are_computed_in_batches(preprocessor, texts):
    windows = slide(preprocessor, tf.constant(texts, tf.string), stride=4)
    seen = []

    def count(part):
        seen.append(int(tf.shape(part.text_indices)[0]))
        return {
            "length": tf.reduce_sum(part.inputs["input_mask"], axis=1),
            "token": tf.boolean_mask(part.token_indices, part.is_max_context),
        }

    found = map_windows(
        count,
        windows,
        {name: tf.TensorSpec([None], tf.int32) for name in ("length", "token")},
        batch_size=3,
    )
    assert max(seen) <= 3
    assert found["length"].shape == windows.text_indices.shape
    expected = [*range(72), 0] if texts else []
    assert found["token"].numpy().tolist() == expected


def test_only_the_first_windows_of_a_text(preprocessor):
    texts = tf.constant(["a b c d e f g h a b c d e f g h", "a"])
    windows = slide(preprocessor, texts, stride=4, max_windows=2)
    assert numbers(windows) == [
        [0, 1, 2, 3, 4, 5, 6],
        [4, 5, 6, 7, 8, 9, 10],
        [0],
    ]
    assert windows.text_indices.numpy().tolist() == [0, 0, 1]


def test_a_question_is_truncated_only_if_its_text_needs_it(preprocessor):
    windows = slide(
        preprocessor,
        tf.constant(["c", "c d e f"]),
        tf.constant(["a a a a a a a"] * 2),
        stride=3,
        max_query_length=None,
    )
    assert windows.inputs["input_word_ids"].numpy().tolist() == [
        [2, 5, 5, 5, 5, 5, 3, 7, 3],
        [2, 5, 5, 5, 3, 7, 8, 9, 3],
        [2, 5, 5, 5, 3, 10, 3, 0, 0],
    ]
