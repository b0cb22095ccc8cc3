"""Several tasks on one encoder: what they learn, leave, resume and refuse."""

import json

import keras
import numpy as np
import pytest
from tiny_task import LIKENESS, SCORES, SINGLE, write_checkpoint

from bert_keras.data import DataError
from bert_keras.experiments import fit_multi_task, multi_task
from bert_keras.tasks import (
    QuestionAnswerer,
    TextClassifier,
    TextEmbedder,
    TextRegressor,
    TokenTagger,
    load_task,
)
from bert_keras.training import RunExists

NAMES = [
    ("the good film is dull", [(4, 13, "FILM")]),
    ("play, a bad film!", [(8, 16, "FILM")]),
] * 4
QUESTIONS = [
    ("good?", "the good film is a play", "good film"),
    ("bad?", "the play is not a bad film", "bad film"),
] * 4
DATA = {
    "mood": SINGLE,
    "names": NAMES,
    "answers": QUESTIONS,
    "likeness": LIKENESS,
    "stars": SCORES,
}
VALIDATION = {"mood": SINGLE, "stars": SCORES}
LIVELY = {"epochs": 5, "batch_size": 4, "learning_rate": 0.01, "seed": 1}


def five(checkpoint):
    mood = TextClassifier.from_handle(checkpoint, pooling="mean")
    return {
        "mood": mood,
        "names": TokenTagger.sharing_encoder(mood),
        "answers": QuestionAnswerer.sharing_encoder(mood, max_length=14),
        "likeness": TextEmbedder.sharing_encoder(mood, pooling="mean"),
        "stars": TextRegressor.sharing_encoder(mood, pooling="max"),
    }


@pytest.fixture(scope="module")
def fitted(tiny_checkpoint, tmp_path_factory):
    run = tmp_path_factory.mktemp("together") / "run"
    tasks = five(tiny_checkpoint)
    history = fit_multi_task(
        tasks,
        DATA,
        validation_data=VALIDATION,
        run_dir=run,
        verbose=0,
        **LIVELY,
    )
    return tasks, history, run


def test_all_learn_on_one_encoder(fitted):
    tasks, history, _ = fitted
    assert len({id(task.encoder) for task in tasks.values()}) == 1
    first, last = history[0], history[-1]
    for name in tasks:
        assert last[f"{name}_loss"] < first[f"{name}_loss"], name
    assert last["val_mood_accuracy"] == 1.0
    assert last["val_mean"] == pytest.approx(
        (last["val_mood_accuracy"] + last["val_stars_pearson"]) / 2
    )
    assert {key for key in last if key.startswith("val_names")} == set()


def test_each_folder_is_a_task_of_its_own(fitted):
    tasks, history, run = fitted
    kinds = {"mood": TextClassifier, "names": TokenTagger}
    for name, kind in kinds.items():
        loaded = load_task(run / name)
        assert type(loaded) is kind
        texts = ["a good film", "the bad film is dull"]
        assert loaded.predict(texts) == tasks[name].predict(texts)
    for name in DATA:
        weights = (run / name / "model.safetensors").stat().st_size
        assert weights > 10_000, name
    own = json.loads((run / "mood" / "history.json").read_text())
    assert own[2]["loss"] == history[2]["mood_loss"]
    assert own[2]["val_accuracy"] == history[2]["val_mood_accuracy"]
    assert "val_mean" not in own[2]
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["stars"] == tasks["stars"].metrics
    assert metrics["names"] == {}
    assert (run / "plots" / "learning_curve.png").exists()
    assert (run / "mood" / "plots" / "confusion_matrix.png").exists()
    assert not (run / "state.safetensors").exists()


def test_a_finished_run_is_not_trained_again(
    fitted, tiny_checkpoint, monkeypatch
):
    tasks, history, run = fitted
    monkeypatch.setattr(multi_task, "train", None)
    again = five(tiny_checkpoint)
    options = {"validation_data": VALIDATION, "run_dir": run, **LIVELY}
    assert fit_multi_task(again, DATA, **options) == history
    assert again["stars"].predict(["good"]) == tasks["stars"].predict(["good"])
    with pytest.raises(RunExists, match="sampling_exponent was"):
        fit_multi_task(
            five(tiny_checkpoint), DATA, sampling_exponent=0.5, **options
        )


class Cut(Exception):
    """Stands for whatever ends a process."""


class CutAt(keras.callbacks.Callback):
    def __init__(self, step):
        super().__init__()
        self.left = step

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise Cut


def test_cut_off_and_resumed_it_ends_with_the_same_bits(tmp_path):
    checkpoint = write_checkpoint(tmp_path / "encoder", hidden_dropout_prob=0.1)

    def fit(run, *calls):
        mood = TextClassifier.from_handle(checkpoint)
        return fit_multi_task(
            {"mood": mood, "stars": TextRegressor.sharing_encoder(mood)},
            {"mood": SINGLE, "stars": SCORES[:6]},
            run_dir=tmp_path / run,
            sampling_exponent=0.5,
            verbose=0,
            callbacks=calls,
            save_seconds=0,
            **LIVELY | {"epochs": 2},
        )

    with pytest.raises(Cut):
        fit("cut", CutAt(7))
    # The same callbacks belong to the same run; this one never raises.
    assert fit("cut", CutAt(0)) == fit("whole")
    for name in ("mood", "stars"):
        cut, whole = (
            (tmp_path / run / name / "model.safetensors").read_bytes()
            for run in ("cut", "whole")
        )
        assert cut == whole


@pytest.fixture(scope="module")
def pair(tiny_checkpoint):
    mood = TextClassifier.from_handle(tiny_checkpoint)
    return {"mood": mood, "stars": TextRegressor.sharing_encoder(mood)}


TWO = {"mood": SINGLE, "stars": SCORES}


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ({"mood": SINGLE}, {}, "no data for stars"),
        (TWO | {"more": SINGLE}, {}, "unknown tasks: more"),
        (TWO, {"validation_data": {"x": 1}}, "unknown tasks: x"),
        (TWO, {"sampling_exponent": 2}, "`sampling_exponent` from 0 to 1"),
        (TWO, {"patience": 1}, "`validation_data` with patience=1"),
        (
            TWO,
            {"monitor_task": "mood"},
            "`monitor_task` to name a task with validation",
        ),
        (TWO, {"epochs": 0}, "`epochs` from 1"),
        (TWO | {"stars": SINGLE}, {}, "'pos' is not a finite number"),
        (TWO | {"mood": [("a", "b")]}, {}, "at least 2 different labels"),
    ],
)
def test_refused_before_anything_is_written(
    pair, tmp_path, data, options, message
):
    before = [task.problem for task in pair.values()]
    with pytest.raises((ValueError, DataError), match=message):
        fit_multi_task(pair, data, run_dir=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()
    assert [task.problem for task in pair.values()] == before


def test_tasks_that_cannot_be_trained_together(pair, tiny_checkpoint):
    alone = TextRegressor.from_handle(tiny_checkpoint)
    with pytest.raises(ValueError, match=r"'stars' has another\. Build it on"):
        fit_multi_task(pair | {"stars": alone}, TWO)
    with pytest.raises(ValueError, match="two different tasks"):
        fit_multi_task({"mood": pair["mood"]}, TWO)
    with pytest.raises(ValueError, match="letters, digits and -"):
        fit_multi_task(
            {"a/b": pair["mood"], "c": pair["stars"]},
            {"a/b": SINGLE, "c": SCORES},
        )
    with pytest.raises(ValueError, match=r"not plots or logs.*'plots'"):
        fit_multi_task(
            {"plots": pair["mood"], "c": pair["stars"]},
            {"plots": SINGLE, "c": SCORES},
        )


def test_early_stopping_looks_at_the_mean_or_at_one(pair):
    def monitor(monitor_task):
        return multi_task._monitor(pair, monitor_task)

    assert monitor(None).name == "val_mean"
    assert monitor("stars").name == "val_stars_pearson"
    assert np.all([monitor(None).highest, monitor("mood").highest])
