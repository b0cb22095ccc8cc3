"""Texts longer than a sequence: truncated, read in windows, counted."""

import numpy as np
import pytest
import tensorflow as tf
from tiny_task import LIKENESS, SINGLE, untrained

from bert_keras.tasks import (
    Classification,
    Embedding,
    TextClassifier,
    TextEmbedder,
    TextRegressor,
    load_task,
)
from bert_keras.tasks.long_text import LongText
from bert_keras.tasks.text_lengths import count_long_texts
from bert_keras.training import PairedData, TrainingData

# Sequences have 14 tokens, 12 without [CLS] and [SEP].
MIXED = ["good", "", "a film is good " * 2_000 + "bad", "very " * 13, "bad"]
WAYS = ("mean", "max", "attention")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"windows": "last"}, "one of first, mean, max, attention. Received"),
        ({"windows": "mean", "stride": 0}, "`stride` to be at least 1"),
        ({"windows": "mean", "max_windows": -1}, "max_windows=-1"),
        ({"stride": 5}, "no `stride` where texts are truncated"),
        ({"max_windows": 5}, "Choose how windows are pooled"),
    ],
)
def test_options_out_of_range(options, message):
    for problem in (Classification, Embedding):
        with pytest.raises(ValueError, match=message):
            problem(**options)


def test_by_default_texts_are_truncated(tiny_classifier):
    problem, preprocessor = Classification(), tiny_classifier.preprocessor
    problem.adapt(problem.read(SINGLE))
    assert problem.truncates
    assert type(problem.training_data(problem.read(SINGLE), preprocessor)) is (
        TrainingData
    )
    embedding = Embedding()
    pairs = embedding.read(LIKENESS)
    embedding.adapt(pairs)
    assert type(embedding.training_data(pairs, preprocessor)) is PairedData
    assert not Classification(windows="mean").truncates
    assert Classification(windows="mean", max_windows=2).truncates


@pytest.mark.parametrize(
    ("rule", "counts"),
    [
        (LongText("mean"), [1, 1, 667, 2, 1]),
        (LongText("mean", stride=6), [1, 1, 1333, 2, 1]),
        (LongText("mean", stride=50), [1, 1, 667, 2, 1]),
        (LongText("mean", max_windows=3), [1, 1, 3, 2, 1]),
    ],
)
def test_windows_of_texts(tiny_classifier, rule, counts):
    sequences, found = rule.sequences(tiny_classifier.preprocessor, MIXED)
    assert found.tolist() == counts
    assert len(sequences) == sum(counts)
    assert sequences.lengths[:3].tolist() == [3, 2, 14]


def test_windows_slide_over_the_second_text_of_pairs(tiny_classifier):
    preprocessor = tiny_classifier.preprocessor
    columns = ["good", "bad " * 20, "a " * 9], ["film " * 25, "film " * 9, "is"]
    sequences, counts = LongText("mean").sequences(preprocessor, *columns)
    # 11 tokens fit: 1 and 10; 5 and 6; all.
    assert counts.tolist() == [3, 2, 1]
    assert sequences.lengths.tolist() == [14, 14, 9, 14, 11, 13]
    counted = count_long_texts(
        Classification(windows="mean", pair=True),
        preprocessor,
        dict(zip("ab", columns, strict=True)),
    )
    assert counted["sequences"] == 6
    assert counted["lost_tokens"] == 15  # of the second pair's first text


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {},
            {
                "longer": 2,
                "truncated": 2,
                "lost_tokens": 7989 + 1,
                "sequences": 5,
            },
        ),
        (
            {"windows": "max", "stride": 6},
            {"longer": 2, "truncated": 0, "lost_tokens": 0, "sequences": 1338},
        ),
        (
            {"windows": "max", "stride": 6, "max_windows": 2},
            {
                "longer": 2,
                "truncated": 1,
                "lost_tokens": 8001 - 18,
                "sequences": 7,
            },
        ),
    ],
)
def test_what_is_counted(tiny_classifier, options, expected):
    found = count_long_texts(
        Classification(**options), tiny_classifier.preprocessor, {"text": MIXED}
    )
    assert found == expected | {
        "texts": 5,
        "windows": options.get("windows", "first"),
        "max_length": 14,
    }


def test_the_counts_are_those_of_the_sequences(tiny_classifier):
    random = np.random.default_rng(0)
    first, second = (
        ["good " * n for n in random.integers(0, 40, 30)] for _ in range(2)
    )
    for rule in ({}, {"stride": 5}, {"stride": 3, "max_windows": 4}):
        problem = Classification(windows="mean", **rule)
        for columns in ((first,), (first, second)):
            _, counts = problem.long_text.sequences(
                tiny_classifier.preprocessor, *columns
            )
            counted = count_long_texts(
                problem,
                tiny_classifier.preprocessor,
                dict(enumerate(columns)),
            )
            assert counted["sequences"] == counts.sum()


def _by_hand(task, text) -> np.ndarray:
    """Returns the vectors of a text's windows, each encoded separately."""
    preprocessor = task.preprocessor
    ids = preprocessor.tokenize([text])[0].numpy()
    windows = [ids[i : i + 12] for i in range(0, max(1, len(ids)), 12)]
    return np.concatenate(
        [
            task.network.vectors(
                preprocessor.pack(tf.RaggedTensor.from_tensor([window]))
            )
            for window in windows
        ]
    )


@pytest.mark.parametrize("windows", WAYS)
def test_a_text_is_the_pooled_vectors_of_its_windows(tiny_checkpoint, windows):
    task = TextEmbedder.from_handle(
        tiny_checkpoint, windows=windows, normalize=False
    )
    text = "a film is not very good , not very bad ! the play 1 2 na dull"
    vectors = _by_hand(task, text)
    assert len(vectors) == 2
    expected = vectors.max(axis=0) if windows == "max" else vectors.mean(axis=0)
    if windows == "attention":
        query = np.linspace(-1, 1, 20)
        task.network.head.windows.query.assign(query)
        shares = np.exp(vectors @ query)
        expected = shares @ vectors / shares.sum()
    np.testing.assert_allclose(task.embed([text])[0], expected, atol=1e-5)


@pytest.mark.parametrize("windows", WAYS)
def test_texts_do_not_affect_each_other(tiny_checkpoint, windows):
    task = TextEmbedder.from_handle(tiny_checkpoint, windows=windows, stride=6)
    together = task.embed(MIXED)
    alone = [task.embed([text])[0] for text in MIXED]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    short = TextEmbedder.from_handle(tiny_checkpoint)
    np.testing.assert_allclose(
        together[[0, 1, 4]],
        short.embed([MIXED[i] for i in (0, 1, 4)]),
        atol=1e-5,
    )


def test_the_report_says_what_was_truncated(tiny_checkpoint, tmp_path, caplog):
    data = [*SINGLE, ("very " * 20, "pos")]
    task = TextClassifier.from_handle(tiny_checkpoint)
    task.fit(data, validation_data=data, run_dir=tmp_path, epochs=1, verbose=0)
    assert task.long_texts["longer"] == 1
    assert task.long_texts["lost_tokens"] == 8
    assert task.metrics["long_texts"] == task.long_texts
    assert task.evaluate(data) == task.metrics
    assert (
        "1 of 17 texts is longer than 14 tokens and was truncated"
        in caplog.text
    )
    assert load_task(tmp_path).long_texts == task.long_texts


def test_a_regressor_of_pairs_reads_in_windows(tiny_checkpoint):
    task = untrained(
        tiny_checkpoint,
        TextRegressor,
        pair=True,
        windows="attention",
        mean=0.0,
        scale=1.0,
    )
    pairs = [("good", text) for text in MIXED]
    together = [row["score"] for row in task.predict(pairs)]
    alone = [task.predict([pair])[0]["score"] for pair in pairs]
    np.testing.assert_allclose(together, alone, atol=1e-5)
