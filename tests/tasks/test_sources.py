"""`fit` learns the same from every kind of source; only the last step lacks."""

import csv
import json

import pytest
import tensorflow as tf
from tiny_task import PAIRS, SINGLE, write_tsv

from bert_keras.data import DataError
from bert_keras.tasks import TextClassifier, fine_tuning


@pytest.fixture
def learned(monkeypatch, tiny_checkpoint):
    """Returns what `fit` would train on."""
    monkeypatch.setattr(
        fine_tuning, "train", lambda network, parts, *_, **__: [parts[0].data]
    )

    def learned(source, **options):
        task = TextClassifier.from_handle(tiny_checkpoint)
        (data,) = task.fit(source, verbose=0, **options)
        rows = [
            data.sequences.word_ids[a:b].tolist()
            for a, b in zip(
                data.sequences.starts[:-1],
                data.sequences.starts[1:],
                strict=True,
            )
        ]
        return task.labels, task.problem.pair, rows, data.targets.tolist()

    return learned


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
def expected(learned):
    return learned(SINGLE)


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_is_the_same_training(learned, expected, tmp_path, kind):
    assert learned(SOURCES[kind](tmp_path)) == expected


def test_ids_by_hand(expected):
    labels, pair, rows, targets = expected
    assert labels == ("neg", "pos")
    assert pair is False
    assert rows[0] == [2, 6, 9, 7, 3]  # [CLS] a good film [SEP]
    assert rows[3] == [2, 10, 17, 10, 11, 18, 3]
    assert targets[:4] == [1, 0, 1, 0]


def test_pairs_and_columns_by_name(learned, tmp_path):
    columns = ("first", "second", "kind")
    path = write_tsv(tmp_path / "data.tsv", PAIRS, columns)
    names = {"text": "first", "text_b": "second", "label": "kind"}
    assert learned(path, **names) == learned(PAIRS)
    _, pair, rows, _ = learned(PAIRS)
    assert pair is True
    assert rows[0] == [2, 9, 3, 6, 9, 7, 3]


def test_labels_of_a_fit_that_failed_are_forgotten(tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(DataError, match="unknown label 'better'"):
        task.fit(SINGLE, validation_data=[("good", "better")])
    assert task.labels is None
    assert task.problem.pair is None
    assert not task.trained
    with pytest.raises(ValueError, match="Call `fit` first"):
        task.predict(["good"])
