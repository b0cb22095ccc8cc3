"""From A to B to A: nothing is lost, for all pairs of formats that can."""

import dataclasses
import itertools

import pytest
from small_contents import CONFIG, PIECES, small_contents

import bert_keras as bk
from bert_keras.checkpoints import read_checkpoint
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.config import TokenizerConfig
from bert_keras.export import FORMATS, ConversionError
from bert_keras.export.same_contents import check_same
from bert_keras.export.writers.bert_keras_encoder import (
    write_bert_keras_encoder,
)

LABELS = ("no", "yes", "ünsicher")
TANH = dataclasses.replace(CONFIG, hidden_act="gelu_new")
CASED = TokenizerConfig(do_lower_case=False, max_word_length=100)


def changed(**changes):
    return dataclasses.replace(TANH, **changes)


# Each model, and the formats that keep all of it.
MODELS = {
    "tanh": (
        small_contents(config=TANH, tokenizer=CASED),
        ("bert_keras", "garden", "hub", "huggingface", "keras-hub", "tf1"),
    ),
    "exact": (
        small_contents(),
        ("bert_keras", "garden", "hub", "huggingface", "tf1"),
    ),
    "relu": (
        small_contents(config=changed(hidden_act="relu", type_vocab_size=1)),
        ("bert_keras", "garden", "hub", "huggingface", "tf1"),
    ),
    "epsilon": (
        small_contents(config=changed(layer_norm_eps=1e-5, vocab_size=30)),
        ("bert_keras", "hub", "huggingface", "tf1"),
    ),
    "no_pooler": (
        small_contents("masked_lm", config=TANH, pooler=False),
        ("bert_keras", "huggingface", "tf1"),
    ),
    "pretraining": (
        small_contents("masked_lm", "next_sentence", config=TANH),
        ("bert_keras", "huggingface", "tf1"),
    ),
    "masked_lm": (
        small_contents("masked_lm", config=TANH),
        ("bert_keras", "garden", "hub", "huggingface", "tf1"),
    ),
    "untied": (
        small_contents("untied_masked_lm", config=TANH),
        ("bert_keras", "hub", "huggingface"),
    ),
    "span": (
        small_contents("span", config=TANH),
        ("bert_keras", "huggingface", "tf1"),
    ),
    "classifier": (
        small_contents("sequence_classifier", config=TANH),
        ("bert_keras", "huggingface", "keras-hub", "tf1"),
    ),
    "several_labels": (
        small_contents(
            "sequence_classifier",
            labels=LABELS,
            problem_type="multi_label_classification",
        ),
        ("bert_keras", "huggingface"),
    ),
    "several_classes": (
        small_contents(
            "sequence_classifier",
            config=TANH,
            problem_type="multi_label_classification",
        ),
        ("bert_keras", "huggingface", "keras-hub"),
    ),
    "score": (
        small_contents(
            "sequence_classifier", config=TANH, problem_type="regression"
        ),
        ("bert_keras", "huggingface"),
    ),
    "tagger": (
        small_contents("token_classifier", labels=LABELS),
        ("bert_keras", "huggingface"),
    ),
    "choices": (
        small_contents("multiple_choice"),
        ("bert_keras", "huggingface"),
    ),
    "mean_classifier": (
        small_contents("sequence_classifier", labels=LABELS, pooling="mean"),
        ("bert_keras",),
    ),
    "sentence": (
        small_contents(
            config=TANH,
            sentence=SentenceSettings(
                "mean", True, 12, steps=("Transformer", "Pooling", "Normalize")
            ),
        ),
        ("bert_keras", "huggingface", "keras-hub"),
    ),
    "dense_step": (
        small_contents(
            "embedding",
            sentence=SentenceSettings(
                "cls",
                True,
                activation="tanh",
                steps=("Transformer", "Pooling", "Dense", "Normalize"),
            ),
        ),
        ("bert_keras", "huggingface"),
    ),
    "unknown_step": (
        small_contents(
            sentence=SentenceSettings("cls", steps=("Transformer", "CNN"))
        ),
        (),
    ),
    "windows": (
        small_contents(
            "sequence_classifier",
            labels=LABELS,
            windows={"windows": "max", "stride": None, "max_windows": 4},
        ),
        ("bert_keras",),
    ),
    "sinusoidal": (
        small_contents(config=changed(position_embedding_type="sinusoidal")),
        (
            "bert_keras",
            "hub",
        ),
    ),
    "special_tokens": (
        small_contents(
            config=TANH,
            vocabulary=("<pad>", "<s>", "</s>", "<unk>", "<mask>", *PIECES[5:]),
            tokenizer=TokenizerConfig(
                strip_accents=False,
                tokenize_chinese_chars=False,
                pad_token="<pad>",
                cls_token="<s>",
                sep_token="</s>",
                unk_token="<unk>",
                mask_token="<mask>",
            ),
        ),
        ("bert_keras", "garden", "hub", "huggingface", "tf1"),
    ),
    "weights_alone": (
        small_contents(config=TANH, vocabulary=None, tokenizer=None),
        ("bert_keras", "garden", "hub", "huggingface", "keras-hub", "tf1"),
    ),
}
# Graphs are traced for seconds: test_hub_writer.py converts more models.
PAIRS = [
    (model, first, second)
    for model, (_, formats) in MODELS.items()
    for first, second in itertools.product(formats, repeat=2)
    if "hub" not in (first, second) or (model, first) == ("tanh", "bert_keras")
]


@pytest.fixture
def written(tmp_path):
    """Writes a model as a handle."""

    def write(model):
        folder = tmp_path / "model"
        folder.mkdir()
        write_bert_keras_encoder(MODELS[model][0], folder)
        return folder

    return write


@pytest.mark.parametrize(("model", "first", "second"), PAIRS)
def test_nothing_is_lost(written, tmp_path, model, first, second):
    a = bk.convert(written(model), tmp_path / "a", format=first)
    b = bk.convert(a, tmp_path / "b", format=second)
    again = bk.convert(b, tmp_path / "again", format=first)
    contents, _ = MODELS[model]
    for folder in (a, b, again):
        check_same(contents, read_checkpoint(folder))
    names = sorted(path.name for path in a.rglob("*"))
    assert names == sorted(path.name for path in again.rglob("*"))
    for path in a.rglob("*"):
        if path.suffix in (".txt", ".safetensors"):
            copy = again / path.relative_to(a)
            assert path.read_bytes() == copy.read_bytes(), path.name


@pytest.mark.parametrize(
    ("model", "format"),
    [
        (model, format)
        for model, (_, formats) in MODELS.items()
        for format in FORMATS
        if format not in formats
    ],
)
def test_what_would_be_lost_is_refused(written, tmp_path, model, format):
    with pytest.raises((ConversionError, ValueError), match=r"(?i)try|choose"):
        bk.convert(written(model), tmp_path / "to", format=format)
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_heads_can_be_left_out_everywhere(written, tmp_path, format):
    folder = bk.convert(
        written("pretraining"),
        tmp_path / "to",
        format=format,
        without_heads=True,
    )
    assert read_checkpoint(folder).heads == {}
