"""google-research/bert: names of variables, and what its program computes."""

import dataclasses
import json
import logging

import pytest
import tensorflow as tf
from small_contents import CONFIG, HEADS, small_contents, tensors

from bert_keras.config import TokenizerConfig
from bert_keras.export.writers.tf1 import write_tf1

TANH = dataclasses.replace(CONFIG, hidden_act="gelu_new")
PUBLISHED = "tf1_checkpoint_index/chinese_L-12_H-768_A-12"


def shapes(path) -> dict:
    return tf.train.load_checkpoint(str(path)).get_variable_to_shape_map()


def test_names_are_those_of_the_program(tmp_path):
    write_tf1(small_contents("masked_lm", "span", config=TANH), tmp_path)
    found = shapes(tmp_path / "bert_model.ckpt")
    assert len(found) == 5 + 2 * 16 + 2 + 5 + 2
    assert found["bert/embeddings/word_embeddings"] == [30, 8]
    assert found["bert/encoder/layer_1/intermediate/dense/kernel"] == [8, 12]
    assert found["bert/encoder/layer_0/output/LayerNorm/gamma"] == [8]
    assert found["cls/predictions/output_bias"] == [30]
    assert found["cls/squad/output_weights"] == [2, 8]


@pytest.mark.data
def test_names_are_those_of_a_published_checkpoint(tmp_path, data):
    config = dataclasses.replace(
        TANH, hidden_size=12, num_hidden_layers=12, num_attention_heads=12
    )
    contents = small_contents(config=config)
    heads = {
        head: tensors(HEADS[head]) for head in ("masked_lm", "next_sentence")
    }
    write_tf1(dataclasses.replace(contents, heads=heads), tmp_path)
    found = shapes(tmp_path / "bert_model.ckpt")
    published = shapes(data / PUBLISHED / "bert_model.ckpt")
    assert found.keys() == published.keys()
    assert {name: len(shape) for name, shape in found.items()} == {
        name: len(shape) for name, shape in published.items()
    }
    ours = json.loads((tmp_path / "bert_config.json").read_text())
    theirs = json.loads((data / PUBLISHED / "bert_config.json").read_text())
    assert ours.keys() <= theirs.keys()


@pytest.mark.parametrize(
    ("changes", "tokenizer", "said"),
    [
        ({}, TokenizerConfig(), ""),
        ({"hidden_act": "gelu"}, TokenizerConfig(), "exact GELU. The"),
        ({"layer_norm_eps": 1e-5}, TokenizerConfig(), "layer_norm_eps=1e-05."),
        (
            {},
            TokenizerConfig(strip_accents=False, max_word_length=100),
            "strip_accents, max_word_length=100.",
        ),
    ],
)
def test_what_the_program_ignores_is_said(
    tmp_path, caplog, changes, tokenizer, said
):
    contents = small_contents(
        config=dataclasses.replace(TANH, **changes), tokenizer=tokenizer
    )
    with caplog.at_level(logging.WARNING):
        write_tf1(contents, tmp_path)
    assert said in caplog.text
    assert bool(said) == bool(caplog.text)
    values = json.loads((tmp_path / "bert_config.json").read_text())
    assert values["hidden_act"] == "gelu"
    assert ("approx_gelu" in values) == ("hidden_act" in changes)


def test_a_folder_that_cannot_be_written(tmp_path):
    with pytest.raises(OSError, match="Expected to write a checkpoint"):
        write_tf1(small_contents(config=TANH), tmp_path / "missing" / "deep")
