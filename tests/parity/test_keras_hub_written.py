"""KerasHub loads what `convert` writes; `make test-keras-hub`."""

import dataclasses

import numpy as np
import pytest
from small_contents import CONFIG, small_contents

import bert_keras as bk
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.config import TokenizerConfig
from bert_keras.export.writers.bert_keras_encoder import (
    write_bert_keras_encoder,
)

pytestmark = pytest.mark.keras_hub

TANH = dataclasses.replace(CONFIG, hidden_act="gelu_new")
SHAPES = {
    "two layers": {},
    "twelve layers": {"num_hidden_layers": 12, "num_attention_heads": 4},
    "one segment": {"type_vocab_size": 1, "num_attention_heads": 1},
    "wide": {"hidden_size": 60, "num_attention_heads": 5},
}
TEXTS = ["The film is good, a bad play", "", "café CAFÉ", "東京 unplayable?"]


@pytest.fixture
def preset(tmp_path):
    """Converts a model; returns our folder and KerasHub's."""

    def write(contents):
        ours = tmp_path / "ours"
        ours.mkdir()
        write_bert_keras_encoder(contents, ours)
        theirs = bk.convert(ours, tmp_path / "theirs", format="keras-hub")
        return ours, str(theirs)

    return write


@pytest.fixture
def models():
    import keras_hub

    return keras_hub.models


def both(config):
    """Returns the same rows as inputs of ours and of KerasHub's."""
    random = np.random.default_rng(3)
    ids = random.integers(0, config.vocab_size, (3, 9), "int32")
    mask = np.ones_like(ids)
    mask[1, 5:] = 0
    kinds = random.integers(0, config.type_vocab_size, ids.shape, "int32")
    ours = dict(
        zip(
            ("input_word_ids", "input_mask", "input_type_ids"),
            (ids, mask, kinds),
            strict=True,
        )
    )
    return ours, {"token_ids": ids, "padding_mask": mask, "segment_ids": kinds}


@pytest.mark.parametrize("shape", SHAPES)
def test_backbone(preset, models, compare, shape):
    config = dataclasses.replace(TANH, **SHAPES[shape])
    ours, theirs = preset(small_contents(config=config))
    rows, their_rows = both(config)
    encoded = bk.load_encoder(ours)(rows)
    found = models.BertBackbone.from_preset(theirs)(their_rows)
    real = rows["input_mask"].astype(bool)
    for name in ("sequence_output", "pooled_output"):
        mine, other = np.asarray(encoded[name]), np.asarray(found[name])
        if name == "sequence_output":
            mine, other = mine[real], other[real]
        compare(name, mine, other)


@pytest.mark.parametrize("problem_type", [None, "multi_label_classification"])
def test_classifier(preset, models, compare, problem_type):
    contents = small_contents(
        "sequence_classifier", config=TANH, problem_type=problem_type
    )
    ours, theirs = preset(contents)
    rows, their_rows = both(TANH)
    task = models.TextClassifier.from_preset(theirs)
    assert type(task).__name__ == "BertTextClassifier"
    head = contents.heads["sequence_classifier"]
    pooled = np.asarray(bk.load_encoder(ours)(rows)["pooled_output"])
    logits = pooled @ np.asarray(head["dense/kernel"])
    logits = logits + np.asarray(head["dense/bias"])
    if problem_type:
        logits = 1 / (1 + np.exp(-logits))
    compare("scores", np.asarray(task(their_rows)), logits)
    assert task.predict(TEXTS, verbose=0).shape == (4, 3)


def test_embedder(preset, models, compare):
    settings = SentenceSettings(
        "mean", True, 12, steps=("Transformer", "Pooling", "Normalize")
    )
    ours, theirs = preset(small_contents(config=TANH, sentence=settings))
    rows, their_rows = both(TANH)
    task = models.TextEmbedder.from_preset(theirs)
    encoded = np.asarray(bk.load_encoder(ours)(rows)["sequence_output"])
    mask = rows["input_mask"][..., None]
    mean = (encoded * mask).sum(1) / mask.sum(1)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    compare("embedding", np.asarray(task(their_rows)), mean)
    assert task.preprocessor.sequence_length == 12


@pytest.mark.parametrize(
    "config",
    [
        TokenizerConfig(max_word_length=100),
        TokenizerConfig(max_word_length=100, do_lower_case=False),
        TokenizerConfig(max_word_length=100, strip_accents=False),
    ],
)
def test_tokenizer(preset, models, config):
    ours, theirs = preset(small_contents(config=TANH, tokenizer=config))
    found = models.BertTokenizer.from_preset(theirs)(TEXTS)
    assert found == bk.load_preprocessor(ours).tokenize(TEXTS).to_list()
