"""Cross-validation: each example is held out once; runs are resumed."""

import json

import numpy as np
import pytest
from small_fit import LIVELY
from tiny_task import LIKENESS

from bert_keras import metrics as measures
from bert_keras.data import DataError
from bert_keras.experiments import cross_validate, cross_validation
from bert_keras.tasks import (
    TextClassifier,
    TextEmbedder,
    fine_tuning,
    load_task,
)
from bert_keras.training import RunExists, TrainingDiverged

MOODS = [
    (f"{extra} {text}", label)
    for text, label in (("good film", "pos"), ("bad play", "neg"))
    for extra in ("the", "a", "is", "very", "not", "1")
]
SHORT = LIVELY | {"epochs": 2}


@pytest.fixture(scope="module")
def made(tiny_checkpoint, tmp_path_factory):
    """A cross-validation, interrupted after the first fold and resumed."""
    run = tmp_path_factory.mktemp("folds") / "run"
    task = TextClassifier.from_handle(tiny_checkpoint, pooling="mean")
    before = [w.numpy() for w in task.encoder.weights]
    whole, calls = fine_tuning.train, []

    def train(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:
            raise TrainingDiverged(1, 0, fine_tuning.TrainingSettings())
        return whole(*arguments, **options)

    options = {"folds": 2, "run_dir": run, "verbose": 0, **SHORT}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fine_tuning, "train", train)
        with pytest.raises(TrainingDiverged):
            cross_validate(task, MOODS, **options)
    found = cross_validate(task, MOODS, **options)
    return task, found, run, before, options


def test_each_fold_is_measured_and_all_are_summed_up(made):
    _, found, _, _, _ = made
    assert [fold["examples"] for fold in found["folds"]] == [6, 6]
    accuracies = [fold["accuracy"] for fold in found["folds"]]
    assert found["metric"] == "accuracy"
    assert found["mean"]["accuracy"] == pytest.approx(np.mean(accuracies))
    assert found["deviation"]["accuracy"] == pytest.approx(
        np.std(accuracies, ddof=1)
    )


def test_what_is_left(made):
    _, found, run, _, _ = made
    assert json.loads((run / "results.json").read_text()) == found
    for number in (1, 2):
        task = load_task(run / f"fold-{number}")
        assert task.metrics == found["folds"][number - 1]
    drawn = {path.stem for path in (run / "plots").iterdir()}
    assert drawn == {"folds", "confusion_matrix", "reliability"}
    wrong = round(sum(6 * (1 - f["accuracy"]) for f in found["folds"]))
    mistakes = run / "mistakes.tsv"
    rows = measures.read_mistakes_tsv(mistakes) if mistakes.exists() else []
    assert len(rows) == wrong
    for row in rows:
        assert MOODS[row["index"]] == (row["text"], row["label"])


def test_the_task_is_as_it_was(made):
    task, _, _, before, _ = made
    assert not task.trained
    assert task.labels is None
    for weight, value in zip(task.encoder.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_each_fold_starts_where_a_training_of_its_own_would(
    made, tiny_checkpoint
):
    run = made[2]
    identity = json.loads((run / "fold-2" / "training.json").read_text())
    held_out = cross_validation.fold_indices(
        task_examples(MOODS), 2, classes=[1] * 6 + [0] * 6, seed=1
    )[1]
    others = [row for n, row in enumerate(MOODS) if n not in held_out]
    alone = TextClassifier.from_handle(
        tiny_checkpoint, pooling="mean", labels=["neg", "pos"]
    )
    history = alone.fit(
        others,
        validation_data=[MOODS[n] for n in held_out],
        verbose=0,
        **SHORT,
    )
    assert identity["examples"] == 6
    expected = json.loads((run / "fold-2" / "history.json").read_text())
    assert history.epochs == expected


def task_examples(rows):
    return TextClassifier.problem_class().read(rows)


def test_finished_it_trains_nothing(made, monkeypatch):
    task, found, _, _, options = made
    monkeypatch.setattr(fine_tuning, "train", None)
    assert cross_validate(task, MOODS, **options) == found
    with pytest.raises(RunExists, match="learning_rate"):
        cross_validate(task, MOODS, **options | {"learning_rate": 0.1})


def test_bad_data_and_folds(made, tmp_path):
    task = made[0]
    run = tmp_path / "run"
    for data, folds, message in (
        ([*MOODS, ("x", "")], 2, "an empty label"),
        (MOODS, 13, "from 2 to 12 folds"),
        (MOODS, 1, "from 2 to 12 folds"),
        ([("a", "x"), ("b", "x")], 2, "at least 2 different labels"),
    ):
        with pytest.raises(DataError, match=message):
            cross_validate(task, data, folds=folds, run_dir=run)
    assert not run.exists()


def test_running_text_has_no_examples_to_hold_out(made, monkeypatch):
    class Lines:
        source = "book.txt"

    task = made[0]
    monkeypatch.setattr(task.problem, "read", lambda _: Lines())
    with pytest.raises(DataError, match=r"book\.txt: .*one by one.*Lines"):
        cross_validate(task, "book.txt")


def test_answers_of_pairs_are_put_back_in_order():
    """An embedder gives two vectors for each example."""
    values = np.arange(12).reshape(6, 2)  # of examples 2, 0, 1
    back = cross_validation._in_order(values, np.array([2, 0, 1]))
    assert back[:, 0].tolist() == [4, 6, 8, 10, 0, 2]


@pytest.mark.slow
def test_an_embedder(tiny_checkpoint, tmp_path):
    task = TextEmbedder.from_handle(tiny_checkpoint)
    data = [
        (f"{a} {n}", b, score) for n in range(4) for a, b, score in LIKENESS
    ]
    found = cross_validate(
        task, data, folds=2, run_dir=tmp_path, verbose=0, **SHORT
    )
    assert found["metric"] == "spearman"
    first = measures.read_mistakes_tsv(tmp_path / "mistakes.tsv")[0]
    assert data[first["index"]][:2] == (first["text_a"], first["text_b"])
