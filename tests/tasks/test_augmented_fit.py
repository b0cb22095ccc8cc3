"""A training on altered copies: masks are tokens in it, and it resumes."""

import pytest
from small_fit import LIVELY
from tiny_task import SINGLE

from bert_keras.data import Augmentation, DataError, read_examples
from bert_keras.tasks import (
    MaskedLanguageModel,
    TextClassifier,
    TokenTagger,
    fine_tuning,
)
from bert_keras.training import RunExists

ONCE = LIVELY | {"epochs": 1, "verbose": 0}


@pytest.fixture
def seen(monkeypatch):
    """The data that `train` is called with; nothing is trained."""
    found = []

    def train(network, objectives, *_, **__):
        found.append(objectives[0].data)
        return []

    monkeypatch.setattr(fine_tuning, "train", train)
    return found


def test_masks_are_tokens_only_in_training(tiny_checkpoint, seen):
    task = TextClassifier.from_handle(tiny_checkpoint)
    mask = task.preprocessor.vocabulary.tokens.index("[MASK]")
    task.fit(SINGLE, augment=Augmentation(2, ["mask"]), **ONCE)
    (data,) = seen
    assert len(data) == 3 * len(SINGLE)
    assert (data.sequences.word_ids == mask).sum() == 2 * len(SINGLE)
    assert not task.preprocessor.tokenizer.special_tokens_in_text


def test_the_copies_are_part_of_the_run(tiny_checkpoint, seen, tmp_path):
    def fit(**changes):
        task = TextClassifier.from_handle(tiny_checkpoint)
        return task.fit(SINGLE, run_dir=tmp_path / "run", **ONCE | changes)

    fit(augment=1)
    assert len(seen[0]) == 2 * len(SINGLE)
    fit(augment=1)
    assert len(seen) == 1  # finished; the copies were the same
    for changes in ({}, {"augment": 2}, {"augment": Augmentation(1, seed=2)}):
        with pytest.raises(RunExists, match="data_sha256 differs"):
            fit(**changes)


def test_validation_data_get_no_copies(tiny_checkpoint, seen):
    task = TextClassifier.from_handle(tiny_checkpoint)
    task.fit(SINGLE, validation_data=SINGLE, augment=1, **ONCE)
    assert task.metrics["examples"] == len(SINGLE)


def test_entities_are_refused(tiny_checkpoint, tmp_path):
    task = TokenTagger.from_handle(tiny_checkpoint)
    data = [("the good film", [(4, 13, "FILM")])] * 4
    with pytest.raises(DataError, match="refer to positions in the texts"):
        task.fit(data, augment=1, run_dir=tmp_path / "run", **ONCE)
    assert not (tmp_path / "run").exists()


def test_a_language_model_replaces_words(tiny_checkpoint):
    model = MaskedLanguageModel.from_handle(tiny_checkpoint)
    model.trained = True
    found = Augmentation(3, ["fill"], model=model)(read_examples(SINGLE[:4]))
    labels = dict(SINGLE)
    copies = list(zip(found.texts, found.labels, strict=True))[4:]
    assert copies
    for text, label in copies:
        assert "[MASK]" not in text
        assert text not in labels
        assert label in labels.values()


def test_masks_are_words_to_a_task_that_shares_the_encoder(tiny_checkpoint):
    mood = TextClassifier.from_handle(tiny_checkpoint)
    model = MaskedLanguageModel.sharing_encoder(mood, max_length=9)
    assert model.encoder is mood.encoder
    assert model.preprocessor.max_length == 9
    assert model.preprocessor.tokenizer.special_tokens_in_text
    again = TextClassifier.sharing_encoder(model)
    assert not again.preprocessor.tokenizer.special_tokens_in_text
