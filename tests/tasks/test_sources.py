"""`fit` makes the same training data of every kind of source."""

import csv
import json

import pytest
import tensorflow as tf
from tiny_task import PAIRS, SINGLE, write_tsv

from bert_keras.data import DataError
from bert_keras.tasks import TextClassifier, fine_tuning


@pytest.fixture
def training_data(monkeypatch, tiny_checkpoint):
    """Returns what `fit` would train on."""
    monkeypatch.setattr(
        fine_tuning,
        "train",
        lambda network, objectives, *_, **__: [objectives[0].data],
    )

    def training_data(source, **options):
        task = TextClassifier.from_handle(tiny_checkpoint)
        (data,) = task.fit(source, verbose=0, **options)
        sequences = [
            data.sequences.word_ids[a:b].tolist()
            for a, b in zip(
                data.sequences.starts[:-1],
                data.sequences.starts[1:],
                strict=True,
            )
        ]
        return task.labels, task.problem.pair, sequences, data.targets.tolist()

    return training_data


def csv_file(folder):
    with open(folder / "data.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("sentence", "category"), *SINGLE])
    return folder / "data.csv"


def jsonl_file(folder):
    path = folder / "data.jsonl"
    lines = [json.dumps({"text": a, "label": b}) for a, b in SINGLE]
    path.write_text("\n".join(lines))
    return path


def frame(folder):
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(SINGLE, columns=["text", "label"])


def dataset(folder):
    texts, labels = map(list, zip(*SINGLE, strict=True))
    return tf.data.Dataset.from_tensor_slices((texts, labels)).batch(3)


SOURCES = {
    "tsv": lambda folder: write_tsv(folder / "data.tsv", SINGLE),
    "csv": csv_file,
    "jsonl": jsonl_file,
    "columns": lambda folder: tuple(map(list, zip(*SINGLE, strict=True))),
    "pandas": frame,
    "tf.data": dataset,
}


@pytest.fixture
def expected(training_data):
    return training_data(SINGLE)


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_the_same_data(
    training_data, expected, tmp_path, kind
):
    assert training_data(SOURCES[kind](tmp_path)) == expected


def test_ids_by_hand(expected):
    labels, pair, sequences, targets = expected
    assert labels == ("neg", "pos")
    assert pair is False
    assert sequences[0] == [2, 6, 9, 7, 3]  # [CLS] a good film [SEP]
    assert sequences[3] == [2, 10, 17, 10, 11, 18, 3]
    assert targets[:4] == [1, 0, 1, 0]


def test_pairs_and_columns_by_name(training_data, tmp_path):
    columns = ("first", "second", "kind")
    path = write_tsv(tmp_path / "data.tsv", PAIRS, columns)
    names = {"text": "first", "text_b": "second", "label": "kind"}
    assert training_data(path, **names) == training_data(PAIRS)
    _, pair, sequences, _ = training_data(PAIRS)
    assert pair is True
    assert sequences[0] == [2, 9, 3, 6, 9, 7, 3]


def test_labels_of_a_fit_that_failed_are_forgotten(tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(DataError, match="unknown label 'better'"):
        task.fit(SINGLE, validation_data=[("good", "better")])
    assert task.labels is None
    assert task.problem.pair is None
    assert not task.trained
    with pytest.raises(ValueError, match="Call `fit` first"):
        task.predict(["good"])
