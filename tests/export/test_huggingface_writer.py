"""Hugging Face folders, read back here; tests/parity asks transformers."""

import json

import pytest
from safetensors.numpy import load_file
from small_contents import PIECES, small_contents, values

from bert_keras.checkpoints import read_checkpoint
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.config import TokenizerConfig
from bert_keras.export import ConversionError
from bert_keras.export.same_contents import check_same
from bert_keras.export.writers.huggingface import CLASSES, write_huggingface

LABELS = ("no", "yes", "ünsicher")


@pytest.mark.parametrize(("heads", "name"), CLASSES.items())
def test_heads_become_a_class(tmp_path, heads, name):
    labels = LABELS if "classifier" in str(heads) else ()
    contents = small_contents(*heads, labels=labels)
    write_huggingface(contents, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["architectures"] == [name]
    written = read_checkpoint(tmp_path)
    check_same(contents, written)
    assert values(written.tensors) == values(contents.tensors)
    assert written.heads.keys() == contents.heads.keys()


def test_linear_layers_are_stored_as_pytorch_has_them(tmp_path):
    contents = small_contents("sequence_classifier", labels=LABELS)
    write_huggingface(contents, tmp_path)
    stored = load_file(tmp_path / "model.safetensors")
    kernel = stored["bert.encoder.layer.1.intermediate.dense.weight"]
    assert kernel.shape == (12, 8)
    ours = values(contents.tensors)["block_1/feed_forward/inner/kernel"]
    assert kernel.T.tolist() == ours
    assert stored["classifier.weight"].shape == (3, 8)
    assert stored["bert.embeddings.LayerNorm.weight"].shape == (8,)


def test_labels_and_problem_type(tmp_path):
    contents = small_contents(
        "sequence_classifier",
        labels=LABELS,
        problem_type="multi_label_classification",
    )
    write_huggingface(contents, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["id2label"] == {"0": "no", "1": "yes", "2": "ünsicher"}
    assert config["label2id"] == {"no": 0, "yes": 1, "ünsicher": 2}
    check_same(contents, read_checkpoint(tmp_path))


def test_scores_with_a_table_of_their_own(tmp_path):
    contents = small_contents("untied_masked_lm")
    write_huggingface(contents, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["tie_word_embeddings"] is False
    check_same(contents, read_checkpoint(tmp_path))


@pytest.mark.parametrize(
    "tokenizer",
    [
        TokenizerConfig(max_word_length=100),
        TokenizerConfig(),
        TokenizerConfig(do_lower_case=False, max_word_length=7),
        TokenizerConfig(strip_accents=False, tokenize_chinese_chars=False),
        TokenizerConfig(unk_token="the", pad_token="a"),
    ],
)
def test_tokenizers(tmp_path, tokenizer):
    contents = small_contents(tokenizer=tokenizer)
    write_huggingface(contents, tmp_path)
    check_same(contents, read_checkpoint(tmp_path))
    whole = json.loads((tmp_path / "tokenizer.json").read_text())
    assert whole["model"]["vocab"]["東"] == PIECES.index("東")
    assert (
        whole["model"]["max_input_chars_per_word"] == tokenizer.max_word_length
    )


def test_weights_alone(tmp_path):
    contents = small_contents(vocabulary=None, tokenizer=None)
    write_huggingface(contents, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "config.json",
        "model.safetensors",
    ]


@pytest.mark.parametrize(
    "settings",
    [
        SentenceSettings("mean", True, 12, steps=("Transformer", "Pooling")),
        SentenceSettings("cls+max", False),
        SentenceSettings("weighted_mean", True, 16, lower_first=True),
        SentenceSettings(steps=("Transformer",)),
    ],
)
def test_sentences(tmp_path, settings):
    contents = small_contents(sentence=settings)
    write_huggingface(contents, tmp_path)
    written = read_checkpoint(tmp_path).sentence
    assert written.pooling == settings.pooling
    assert written.max_length == settings.max_length
    assert written.lower_first == settings.lower_first
    assert written.steps[:1] == ("Transformer",)
    assert len(written.steps) == len(settings.steps) or not settings.steps


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (small_contents("span", "masked_lm"), "masked_lm, span"),
        (
            small_contents(vocabulary=(*PIECES, "film")),
            "distinct tokens",
        ),
        (small_contents(vocabulary=tuple(PIECES[1:])), r"Missing: \[PAD\]"),
        (
            small_contents(tokenizer=None, tokenizer_problem="It is MeCab."),
            "MeCab.*weights alone",
        ),
    ],
)
def test_what_no_class_computes_is_refused(tmp_path, contents, message):
    with pytest.raises(ConversionError, match=message):
        write_huggingface(contents, tmp_path)
