"""Strings to packed ids: kinds of inputs, saving, and clear errors."""

import json

import numpy as np
import pytest
import tensorflow as tf

from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing import Preprocessor, Tokenizer, Vocabulary


@pytest.fixture(scope="module")
def preprocessor(tokenizer):
    return Preprocessor(tokenizer, max_length=8)


def ids(inputs):
    return inputs["input_word_ids"].numpy().tolist()


@pytest.mark.parametrize(
    "texts",
    [
        ["the café", "play"],
        ("the café", "play"),
        ["the café".encode(), b"play"],
        np.array(["the café", "play"]),
        np.array(["the café", "play"], dtype=object),
        tf.constant(["the café", "play"]),
    ],
)
def test_strings_of_every_kind(preprocessor, texts):
    assert ids(preprocessor(texts)) == [[2, 5, 12, 3], [2, 6, 3, 0]]


def test_two_segments(preprocessor):
    inputs = preprocessor(["the", "play"], ["playing", "!"])
    assert ids(inputs) == [[2, 5, 3, 6, 7, 3], [2, 6, 3, 16, 3, 0]]
    types = inputs["input_type_ids"].numpy().tolist()
    assert types == [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0]]


def test_empty_batch(preprocessor):
    assert ids(preprocessor([])) == []
    assert ids(preprocessor([], [])) == []


def test_tokenizes_and_packs_separately(preprocessor):
    tokens = preprocessor.tokenize(["playing the"])
    assert tokens.to_list() == [[6, 7, 5]]
    assert ids(preprocessor.pack(tokens)) == [[2, 6, 7, 5, 3]]
    _, starts, ends = preprocessor.tokenize_with_offsets(["playing"])
    assert (starts.to_list(), ends.to_list()) == ([[0, 4]], [[4, 7]])


def test_same_in_tf_data(preprocessor):
    texts = ["the café", "play", "東京 the"]
    dataset = tf.data.Dataset.from_tensor_slices((texts, texts)).batch(3)
    inputs = next(iter(dataset.map(preprocessor)))
    assert ids(inputs) == ids(preprocessor(texts, texts))


def test_saves_and_loads(tmp_path):
    config = TokenizerConfig(do_lower_case=False, max_word_length=9)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "The", "\u2028"]
    saved = Preprocessor(
        Tokenizer(
            Vocabulary(tokens, config), config, special_tokens_in_text=True
        ),
        max_length=32,
        padding=[8, 16],
    )
    saved.save(tmp_path / "new" / "folder")
    loaded = Preprocessor.load(tmp_path / "new" / "folder")
    assert loaded.config == saved.config
    assert loaded.vocabulary == saved.vocabulary
    assert (loaded.max_length, loaded.padding) == (32, (8, 16))
    texts = ["The [MASK]", "the"]
    assert (
        ids(loaded(texts))
        == ids(saved(texts))
        == [
            [2, 5, 4, 3, 0, 0, 0, 0],
            [2, 1, 3, 0, 0, 0, 0, 0],
        ]
    )
    files = sorted(path.name for path in (tmp_path / "new/folder").iterdir())
    assert files == ["tokenizer_config.json", "vocab.txt"]


def test_unknown_keys_are_named(preprocessor, tmp_path):
    preprocessor.save(tmp_path)
    path = tmp_path / "tokenizer_config.json"
    values = json.loads(path.read_text()) | {"do_magic": True}
    path.write_text(json.dumps(values))
    with pytest.raises(ValueError, match="unknown keys: do_magic"):
        Preprocessor.load(tmp_path)


@pytest.mark.parametrize(
    ("texts", "texts_b", "message"),
    [
        ("the", None, r"a list of texts.*Try \['the'\]"),
        (["the", None], None, r"texts\[1\]=None, NoneType"),
        (["the", float("nan")], None, r"texts\[1\]=nan, float"),
        (["the"], [3], r"texts_b\[0\]=3, int"),
        (["the", "play"], ["the"], "2 texts, 1 texts_b"),
        (tf.constant([1, 2]), None, "dtype int32"),
        (tf.constant("the"), None, r"shape \(\)"),
        (tf.constant([["the"]]), None, r"shape \(1, 1\)"),
        (np.array([["the"]]), None, r"texts\[0\]="),
        (["\ud800"], None, "surrogate"),
    ],
)
def test_refuses_what_is_not_texts(preprocessor, texts, texts_b, message):
    with pytest.raises(ValueError, match=message):
        preprocessor(texts, texts_b)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_length": 2}, "max_length=2"),
        ({"padding": "shortest"}, "padding='shortest'"),
        ({"padding": []}, r"padding=\[\]"),
        ({"padding": [256]}, r"from 1 to max_length=128.*padding=\[256\]"),
    ],
)
def test_refuses_invalid_lengths(tokenizer, options, message):
    with pytest.raises(ValueError, match=message):
        Preprocessor(tokenizer, **options)
