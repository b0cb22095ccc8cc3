"""Fill-mask on the command line: train, predict, evaluate, score, export."""

import json

import pytest
from tiny_task import write_masked_lm, write_tsv

from bert_keras.cli.training_options import AugmentOptions
from bert_keras.data import Examples
from bert_keras.tasks import MaskedLanguageModel

BOOK = "a good film .\nis very dull !\n\nthe bad film\nnot playable .\n"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_masked_lm(tmp_path_factory.mktemp("mlm") / "checkpoint")


@pytest.fixture(scope="module")
def folder(checkpoint, tmp_path_factory):
    task = MaskedLanguageModel.from_handle(checkpoint, k=2)
    return task.save(tmp_path_factory.mktemp("mlm") / "task")


@pytest.fixture(scope="module")
def export(checkpoint, tmp_path_factory):
    task = MaskedLanguageModel.from_handle(checkpoint, k=2)
    return task.export(tmp_path_factory.mktemp("mlm") / "export")


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.txt"
    path.write_text(BOOK)
    return path


def lines(ended):
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def test_train_and_predict(bert_keras, checkpoint, book, tmp_path):
    run = tmp_path / "run"
    ended = bert_keras(
        *("train", "masked-lm", "--encoder", checkpoint, "--train", book),
        *("--dev", book, "--out", run, "--epochs", 1, "--batch-size", 2),
        *("--mask-rate", 0.3, "--single-lines", "--single-tokens"),
        *("--k", 2, "--json"),
    )
    (found,) = lines(ended)
    assert set(found["metrics"]) == {
        "examples",
        "masks",
        "accuracy",
        "masked_lm_loss",
        "perplexity",
    }
    assert found["metrics"]["masks"] == 4
    problem = json.loads((run / "task.json").read_text())["problem"]
    assert problem == {
        "k": 2,
        "mask_rate": 0.3,
        "whole_words": False,
        "join_lines": False,
        "tied": True,
    }
    (measured,) = lines(bert_keras("evaluate", run, book, "--json"))
    assert measured == pytest.approx(found["metrics"])
    assert bert_keras("evaluate", run, book).out.startswith("4 examples")


def test_predict_says_the_same_of_task_and_export(bert_keras, folder, export):
    text = "a [MASK] film"
    people = bert_keras("predict", folder, text)
    assert people.out == (
        "a film film\tfilm 0.5000 good 0.2500\ta [MASK] film\n"
    )
    assert bert_keras("predict", export, text).out == people.out
    (answer,) = lines(bert_keras("predict", export, text, "--json"))
    assert answer["text"] == text
    assert answer["sequence"] == "a film film"
    assert answer["masks"][0]["guesses"][1]["sequence"] == "a good film"
    (none,) = lines(bert_keras("predict", folder, "a film", "--json"))
    assert none["masks"] == []


def test_evaluate_says_the_same_of_task_and_export(
    bert_keras, folder, export, book
):
    (task,) = lines(bert_keras("evaluate", folder, book, "--json"))
    (version,) = lines(bert_keras("evaluate", export, book, "--json"))
    assert task == pytest.approx(version, rel=1e-5)
    assert task["masks"] == 2


def test_score(bert_keras, folder, export, book, tmp_path):
    people = bert_keras("score", folder, "good film", "")
    assert people.out == "2.83\t-2.08\t2\tgood film\n-\t0.00\t0\t\n"
    read = lines(bert_keras("score", export, "--input", book, "--json"))
    assert [row["text"] for row in read] == BOOK.splitlines()
    assert [row["tokens"] for row in read] == [4, 4, 0, 3, 4]
    table = write_tsv(tmp_path / "t.tsv", [("a", "good film")], ("id", "words"))
    (row,) = lines(
        bert_keras(
            *("score", folder, "--input", table, "--text-column", "words"),
            "--json",
        )
    )
    assert row["perplexity"] == pytest.approx(8**0.5, rel=1e-4)


def test_bad_input(bert_keras, folder, tiny_task_folder, tmp_path):
    both = bert_keras("score", folder, "a", "--input", "-")
    neither = bert_keras("score", folder)
    other = bert_keras("score", tiny_task_folder, "a")
    rate = bert_keras(
        *("train", "masked-lm", "--encoder", "nowhere", "--train", "nothing"),
        *("--out", tmp_path / "run", "--mask-rate", 1.5),
    )
    for ended, message in (
        (both, "Received both."),
        (neither, "Received neither."),
        (other, "Expected a masked language model"),
        (rate, "Expected `mask_rate` above 0 and below 1"),
    ):
        assert (ended.code, ended.out) == (2, "")
        assert message in ended.err
    empty = tmp_path / "empty.txt"
    empty.write_text("\n\n")
    ended = bert_keras(
        *("train", "masked-lm", "--encoder", "nowhere", "--train", empty),
        *("--out", tmp_path / "run"),
    )
    assert ended.code == 2 and "at least one line of text" in ended.err
    assert not (tmp_path / "run").exists()


def test_it_guesses_words_for_augmented_texts(folder):
    options = AugmentOptions(
        augment=4, augment_ways="fill", augment_model=str(folder)
    )
    examples = Examples(["a good film", "the bad film"], labels=["yes", "no"])
    altered = options.augmentation(42)(examples)
    assert len(altered.texts) > 2
    assert "[MASK]" not in " ".join(altered.texts)


def test_only_a_masked_lm_guesses_words(bert_keras, checkpoint, tmp_path):
    data = write_tsv(tmp_path / "data.tsv", [("a film", "yes"), ("bad", "no")])
    ended = bert_keras(
        *("train", "classifier", "--encoder", checkpoint, "--train", data),
        *("--out", tmp_path / "run", "--augment", 1, "--augment-ways", "fill"),
    )
    assert ended.code == 2
    assert "--augment-model" in ended.err
    assert not (tmp_path / "run").exists()
