"""Checkpoints as a pair of SavedModels, read back; test_hub_pair calls them."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from small_contents import CONFIG, PIECES, small_contents

import bert_keras as bk
from bert_keras.checkpoints import (
    CheckpointError,
    RestoreError,
    read_checkpoint,
)
from bert_keras.config import TokenizerConfig
from bert_keras.export import ConversionError
from bert_keras.export.same_contents import check_same
from bert_keras.export.writers.hub import write_hub
from bert_keras.export.writers.huggingface import write_huggingface


def test_there_and_back(tmp_path):
    """Odd settings, a head with its own kernel; then by way of the verb."""
    contents = small_contents(
        "untied_masked_lm",
        config=dataclasses.replace(
            CONFIG,
            hidden_act="gelu_new",
            layer_norm_eps=3e-6,
            hidden_dropout_prob=0.25,
            type_vocab_size=1,
        ),
        vocabulary=("<pad>", *PIECES[1:]),
        tokenizer=TokenizerConfig(
            do_lower_case=False, strip_accents=True, pad_token="<pad>"
        ),
    )
    write_huggingface(contents, tmp_path / "before")
    pair = bk.convert(tmp_path / "before", tmp_path / "pair", format="hub")
    check_same(contents, read_checkpoint(pair))
    check_same(contents, read_checkpoint(pair / "encoder"))
    alone = read_checkpoint(pair / "preprocessor")
    assert alone.tokenizer == contents.tokenizer
    assert alone.vocabulary == contents.vocabulary
    with pytest.raises(CheckpointError, match="a preprocessor alone"):
        bk.convert(pair / "preprocessor", tmp_path / "to", format="tf1")
    after = bk.convert(pair, tmp_path / "after", format="huggingface")
    for file in (tmp_path / "before").iterdir():
        assert (after / file.name).read_bytes() == file.read_bytes(), file.name

    inputs = {
        name: np.ones([1, 4], np.int32)
        for name in ("input_word_ids", "input_mask", "input_type_ids")
    }
    inputs["input_type_ids"] *= 0
    model = tf.saved_model.load(str(pair / "encoder"))
    np.testing.assert_allclose(
        model({k: tf.constant(v) for k, v in inputs.items()})["pooled_output"],
        bk.load_encoder(pair)(inputs)["pooled_output"],
        atol=1e-5,
    )
    shapes = {v.name: tuple(v.shape) for v in model.mlm.variables}
    assert shapes["masked_lm/kernel:0"] == (8, 30)
    preprocessor = tf.saved_model.load(str(pair / "preprocessor"))
    rows = preprocessor(tf.constant(["a Film"]))["input_word_ids"].numpy()
    assert rows[0, :5].tolist() == [2, 6, 1, 3, 0]
    assert rows.shape == (1, CONFIG.max_position_embeddings)


def test_without_a_vocabulary_there_is_no_preprocessor(tmp_path):
    contents = small_contents(vocabulary=None, tokenizer=None)
    write_hub(contents, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]
    check_same(contents, read_checkpoint(tmp_path))


def test_what_the_interface_needs(tmp_path):
    with pytest.raises(ConversionError, match="with a pooler"):
        write_hub(small_contents(pooler=False), tmp_path)
    unknown = small_contents(tokenizer=None, tokenizer_problem="SentencePiece.")
    with pytest.raises(ConversionError, match=r"^SentencePiece\. To convert"):
        write_hub(unknown, tmp_path)
    half = small_contents("masked_lm")
    del half.heads["masked_lm"]["norm/gamma"]
    with pytest.raises(RestoreError, match="norm/gamma"):
        write_hub(
            dataclasses.replace(half, vocabulary=None, tokenizer=None), tmp_path
        )
    assert list(tmp_path.iterdir()) == []
