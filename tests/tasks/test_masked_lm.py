"""The masked language model: the battery, by hand, long texts, scores."""

import json
import logging

import keras
import numpy as np
import pytest
from check_task import check_task
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from small_contents import small_contents
from small_fit import LIVELY
from tiny_task import CHANCES, PIECES, SINGLE, write_masked_lm

from bert_keras.checkpoints import CheckpointError, load_encoder
from bert_keras.data import DataError
from bert_keras.experiments.task_factory import TaskFactory
from bert_keras.export.writers.bert_keras_encoder import (
    write_bert_keras_encoder,
)
from bert_keras.export.writers.huggingface import write_huggingface
from bert_keras.export.writers.tf1 import write_tf1
from bert_keras.tasks import (
    MaskedLanguageModel,
    MaskedLanguageModeling,
    TextClassifier,
    load_task,
)

DATA = [
    ["a good [MASK] is playable .", "not very dull !"],
    ["the bad film", "is bad, bad play!"],
    ["a good film is good ."],
] * 4


@pytest.fixture(scope="module")
def trained(tiny_checkpoint, tmp_path_factory):
    """A task that has passed the battery, and its folder."""
    folder = tmp_path_factory.mktemp("masked_lm")
    task = MaskedLanguageModel.from_handle(tiny_checkpoint, k=3)
    with pytest.raises(ValueError, match="never trained"):
        task.predict(["a [MASK]"])
    with pytest.MonkeyPatch.context() as patch:
        check_task(
            task,
            DATA,
            folder,
            patch,
            metrics={"accuracy", "masked_lm_loss", "perplexity"},
            answer={"masks", "sequence"},
        )
    return task, folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_masked_lm(tmp_path_factory.mktemp("mlm") / "checkpoint")


@pytest.fixture(scope="module")
def known(checkpoint):
    """A task that says of each mask what `CHANCES` says."""
    return MaskedLanguageModel.from_handle(checkpoint, k=4)


def test_a_fresh_head_is_announced(tiny_checkpoint, caplog):
    with caplog.at_level(logging.WARNING):
        MaskedLanguageModel.from_handle(tiny_checkpoint)
    assert "a fresh one has to be trained first" in caplog.text


def test_battery(trained):
    task, folder = trained
    run = {path.name for path in (folder / "run").rglob("*.*")}
    assert {"metrics.json", "learning_curve.png"} <= run
    _is_a_handle(task, folder / "run")


def _is_a_handle(task, run):
    encoder = load_encoder(run)
    table = encoder.embeddings.word.embeddings
    np.testing.assert_array_equal(
        table, task.encoder.embeddings.word.embeddings
    )
    classifier = TextClassifier.from_handle(run, labels=["neg", "pos"])
    assert classifier.preprocessor.tokenizer.special_tokens_in_text is False
    again = MaskedLanguageModel.from_handle(run)
    assert again.trained
    _same_weights(again, task)
    manifest = json.loads(
        (run.parent / "exported/1/bert_keras.json").read_text()
    )
    assert manifest["special_tokens_in_text"] is True


def _same_weights(task, other):
    expected = other.network.named_variables
    assert list(task.network.named_variables) == list(expected)
    for name, weight in task.network.named_variables.items():
        np.testing.assert_array_equal(weight, expected[name])


# === What the files say ===
def test_a_pretrained_head_answers_at_once(known):
    (answer,) = known.predict(["A good [MASK]!"])
    (mask,) = answer["masks"]
    assert (mask["start"], mask["end"]) == (7, 13)
    assert [g["token"] for g in mask["guesses"]] == list(CHANCES)
    scores = [guess["score"] for guess in mask["guesses"]]
    np.testing.assert_allclose(scores, list(CHANCES.values()), rtol=1e-5)
    assert [guess["sequence"] for guess in mask["guesses"]] == [
        "A good film!",
        "A good good!",
        "A goodable!",
        "A good !!",
    ]
    assert answer["sequence"] == "A good film!"
    assert known.problem.summary(answer).startswith(
        "A good film!\tfilm 0.5000 good 0.2500 ##able 0.1250 ! 0.0625"
    )


def test_masks_of_a_batch(known):
    texts = ["[MASK] [MASK]", "none", "", "a[MASK]\n"]
    answers = known.predict(texts)
    assert [len(answer["masks"]) for answer in answers] == [2, 0, 0, 1]
    assert [answer["sequence"] for answer in answers] == [
        "film film",
        "none",
        "",
        "afilm\n",
    ]
    first, second = answers[0]["masks"]
    assert first["guesses"][1]["sequence"] == "good [MASK]"
    assert second["guesses"][1]["sequence"] == "[MASK] good"


def test_load_task_opens_the_head(checkpoint, known):
    task = load_task(checkpoint, k=4)
    assert isinstance(task, MaskedLanguageModel)
    assert task.trained
    assert task.preprocessor.tokenizer.special_tokens_in_text
    assert task.problem.to_dict() == known.problem.to_dict()
    _same_weights(task, known)


FORMATS = {
    "of two heads": (write_huggingface, ["masked_lm", "next_sentence"]),
    "untied": (write_huggingface, ["untied_masked_lm"]),
    "tf1": (write_tf1, ["masked_lm", "next_sentence"]),
    "bert_keras": (write_bert_keras_encoder, ["untied_masked_lm"]),
}


@pytest.mark.parametrize("name", FORMATS)
def test_heads_of_other_formats(name, tmp_path):
    write, heads = FORMATS[name]
    contents = small_contents(*heads)
    write(contents, tmp_path)
    task = load_task(tmp_path)
    assert isinstance(task, MaskedLanguageModel)
    assert task.problem.tied is ("untied" not in heads[0])
    expected = contents.heads["masked_lm"]
    found = {
        name.removeprefix("head/"): weight
        for name, weight in task.network.named_variables.items()
        if name.startswith("head/")
    }
    assert set(found) == set(expected)
    for part, weight in found.items():
        np.testing.assert_array_equal(weight, np.asarray(expected[part]))


def test_a_classifier_goes_first(tmp_path):
    contents = small_contents("masked_lm", "sequence_classifier")
    write_bert_keras_encoder(contents, tmp_path)
    assert isinstance(load_task(tmp_path), TextClassifier)


def test_the_same_task_again_keeps_the_head_of_the_checkpoint(known):
    with TaskFactory(known) as afresh:
        again = afresh(k=2)
        assert again.trained
        _same_weights(again, known)


def test_more_or_fewer_tokens(checkpoint):
    task = MaskedLanguageModel.from_handle(checkpoint)
    assert task.problem.k == 5
    (answer,) = task.predict(["[MASK]"], k=1000)
    assert task.problem.k == 1000
    guesses = answer["masks"][0]["guesses"]
    assert sorted(g["token"] for g in guesses) == sorted(PIECES.split())
    assert sum(g["score"] for g in guesses) == pytest.approx(1)


def test_a_saved_model_has_no_table(tmp_path):
    import dataclasses

    from bert_keras.checkpoints import read_checkpoint

    contents = read_checkpoint(write_masked_lm(tmp_path))
    other = dataclasses.replace(contents, config=None)
    with pytest.raises(CheckpointError, match="SavedModel of another"):
        MaskedLanguageModel.from_contents(other)


@pytest.mark.parametrize(
    "options", [{"k": 0}, {"mask_rate": 0.0}, {"mask_rate": 1.0}]
)
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match="Expected `"):
        MaskedLanguageModeling(**options)


# === Texts of any length ===
def _best(answer):
    return [mask["guesses"][0]["token"] for mask in answer["masks"]]


def test_a_mask_beyond_the_first_row_is_found(trained):
    task, _ = trained
    filler = "very dull . " * 30
    long = f"{filler}a good [MASK] is good . {filler}"
    # The window of 14 tokens in which the mask has the most context.
    alone = "dull . very dull . a good [MASK] is good . very"
    both = [task.predict([text])[0]["masks"][0] for text in (long, alone)]
    start, end = both[0]["start"], both[0]["end"]
    assert (start, long[start:end]) == (len(filler) + 7, "[MASK]")
    assert both[0]["guesses"][0]["score"] == pytest.approx(
        both[1]["guesses"][0]["score"], abs=0.3
    )


def test_a_hundred_thousand_characters(trained):
    task, _ = trained
    filler = "a good film . " * 3500
    text = f"[MASK] {filler}the [MASK]{filler}[MASK]"
    assert len(text) > 95_000
    (answer,) = task.predict([text])
    spans = [(mask["start"], mask["end"]) for mask in answer["masks"]]
    assert [text[start:end] for start, end in spans] == ["[MASK]"] * 3
    for mask in answer["masks"]:
        for guess in mask["guesses"]:
            assert len(guess["sequence"]) < len(text)
    assert "[MASK]" not in answer["sequence"]
    many, beside = task.predict(["[MASK]" * 15_000, "a [MASK]"])
    assert len(many["masks"]) == 15_000
    assert many["masks"][0]["guesses"][0]["sequence"] == ""
    (alone,) = task.predict(["a [MASK]"])
    assert _best(beside) == _best(alone)


ODD = ["a.é\u0301東 good", "\x00\u200b\u3000\t", "ﬁΣ😀\ufeff", "[MASK]"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([*ODD, *"".join(ODD[:3])]), max_size=8).map(
            "".join
        ),
        min_size=1,
        max_size=3,
    )
)
def test_every_mask_is_its_slice_of_the_text(known, texts):
    for text, answer in zip(texts, known.predict(texts), strict=True):
        assert len(answer["masks"]) == text.count("[MASK]")
        reached = 0
        for mask in answer["masks"]:
            start, end = mask["start"], mask["end"]
            assert reached <= start and text[start:end] == "[MASK]"
            best = mask["guesses"][0]
            assert best["sequence"] == text[:start] + "film" + text[end:]
            reached = end
        assert answer["sequence"] == text.replace("[MASK]", "film")


# === Scores ===
def test_a_score_is_the_sum_over_pieces_each_masked_alone(trained):
    task, _ = trained
    text = "the film is playable ."
    tokens = "the film is play ##able .".split()
    ids = task.preprocessor([text])["input_word_ids"].numpy()
    total = 0.0
    for position in range(1, len(tokens) + 1):
        masked = ids.copy()
        masked[0, position] = 4
        inputs = {
            "input_word_ids": masked,
            "input_mask": np.ones_like(ids),
            "input_type_ids": np.zeros_like(ids),
            "masked_lm_positions": np.array([[position]], "int32"),
        }
        logits = keras.ops.log_softmax(task.network(inputs))
        total += float(logits[0, 0, ids[0, position]])
    found, empty, masked = task.score([text, "", "[MASK]"])
    assert found["tokens"] == 6
    assert found["log_likelihood"] == pytest.approx(total, abs=1e-4)
    assert found["perplexity"] == pytest.approx(np.exp(-total / 6), rel=1e-4)
    assert empty == masked
    assert empty == {"log_likelihood": 0.0, "perplexity": None, "tokens": 0}


def test_scores_by_hand_of_texts_longer_than_a_row(known):
    (found,) = known.score(["good film " * 40])
    assert found["tokens"] == 80
    assert found["log_likelihood"] == pytest.approx(40 * np.log(0.125), 1e-4)
    assert found["perplexity"] == pytest.approx(8**0.5, rel=1e-4)


def test_what_is_measured_by_hand(known):
    found = known.evaluate([["good film"] * 5])
    assert found["examples"] == 5
    # One token of each sequence is masked; lines share a sequence.
    assert found["masks"] == 2
    assert 2 <= found["perplexity"] <= 4


# === Training ===
def test_cut_off_and_resumed_bit_for_bit(checkpoint, tmp_path):
    class Cut(Exception):
        pass

    def cut(batch, logs):
        if batch == 1:
            raise Cut

    def fit(folder, callbacks=()):
        task = MaskedLanguageModel.from_handle(checkpoint)
        history = task.fit(
            DATA,
            run_dir=folder,
            callbacks=callbacks,
            verbose=0,
            **LIVELY
            | {
                "epochs": 2,
                "save_seconds": 0,
                "gradient_accumulation_steps": 2,
            },
        )
        return history, load_file(folder / "model.safetensors")

    callback = keras.callbacks.LambdaCallback(on_train_batch_end=cut)
    with pytest.raises(Cut):
        fit(tmp_path / "cut", [callback])
    # The same callbacks belong to the same run; this one does not raise.
    resumed = fit(tmp_path / "cut", [keras.callbacks.LambdaCallback()])
    whole = fit(tmp_path / "whole")
    assert resumed[0] == whole[0]
    for name, values in whole[1].items():
        np.testing.assert_array_equal(resumed[1][name], values)


def test_an_untied_head(tiny_checkpoint, tmp_path):
    task = MaskedLanguageModel.from_handle(tiny_checkpoint, tied=False)
    task.fit(DATA, verbose=0, **LIVELY | {"epochs": 1})
    kernel = task.network.named_variables["head/kernel"]
    assert tuple(kernel.shape) == (20, 33)
    again = MaskedLanguageModel.from_handle(task.save(tmp_path))
    assert again.problem.tied is False
    _same_weights(again, task)


def test_beside_another_task_masks_are_known(known):
    classifier = TextClassifier.sharing_encoder(known, labels=["neg", "pos"])
    assert not classifier.preprocessor.tokenizer.special_tokens_in_text
    task = MaskedLanguageModel.sharing_encoder(classifier)
    assert task.encoder is known.encoder
    assert task.preprocessor.tokenize(["[MASK]"]).to_list() == [[4]]
    assert task.preprocessor.max_length == classifier.preprocessor.max_length


def test_data_without_text(known, tmp_path):
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(DataError, match=r"empty\.txt: Expected at least one"):
        known.fit(tmp_path / "empty.txt")
    with pytest.raises(DataError, match="Expected single texts"):
        known.fit(SINGLE)
