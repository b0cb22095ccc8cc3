"""A search: what is proposed, compared, kept, resumed and refused."""

import json

import numpy as np
import pytest
from tiny_task import SINGLE

from bert_keras.data import DataError
from bert_keras.experiments import tune
from bert_keras.experiments.search_trials import Trials
from bert_keras.task_specs import check_space
from bert_keras.tasks import (
    Classification,
    TextClassifier,
    fine_tuning,
    load_task,
)
from bert_keras.training import RunExists, TrainingDiverged

SPACE = {"learning_rate": (1e-3, 1e-2), "epochs": [1, 2], "pooling": "mean"}
FIXED = {"batch_size": 8, "seed": 1, "verbose": 0, "space": SPACE}


class Killed(BaseException):
    """Stands for whatever ends a process."""


@pytest.fixture(scope="module")
def searched(tiny_checkpoint, tmp_path_factory):
    """A search of three trials, the second interrupted and resumed."""
    run = tmp_path_factory.mktemp("search") / "run"
    task = TextClassifier.from_handle(tiny_checkpoint)
    before = [w.numpy() for w in task.encoder.weights]
    whole, calls = fine_tuning.train, []

    def train(*arguments, **options):
        calls.append(options["state_path"].parent.name)
        if len(calls) == 2:
            raise Killed
        if len(calls) == 4:
            raise TrainingDiverged(1, 0, fine_tuning.TrainingSettings())
        return whole(*arguments, **options)

    options = {"validation_data": SINGLE, "run_dir": run, "trials": 3, **FIXED}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fine_tuning, "train", train)
        with pytest.raises(Killed):
            tune(task, SINGLE, **options)
        found = tune(task, SINGLE, **options)
    assert calls == ["trial-0", "trial-1", "trial-1", "trial-2"]
    return task, found, run, before, options


def test_trials_best_first(searched):
    _, found, run, _, _ = searched
    assert found == json.loads((run / "trials.json").read_text())
    assert found["metric"] == "accuracy"
    assert {row["trial"] for row in found["trials"]} == {0, 1, 2}
    states = [row["state"] for row in found["trials"]]
    assert states == ["complete", "complete", "fail"]
    assert found["trials"][0]["score"] >= found["trials"][1]["score"]
    assert found["best"] == found["trials"][0]
    for row in found["trials"]:
        assert 1e-3 <= row["settings"]["learning_rate"] <= 1e-2
        assert row["settings"]["epochs"] in (1, 2)
        assert set(row["settings"]) == set(SPACE)


def test_the_best_task_is_kept_and_no_other_s_weights(searched):
    _, found, run, _, _ = searched
    best = load_task(run / "best")
    assert best.metrics["accuracy"] == found["best"]["score"]
    assert best.problem.pooling == "mean"
    for number in (0, 1):
        assert (run / f"trial-{number}" / "history.json").exists()
        assert not (run / f"trial-{number}" / "model.safetensors").exists()
    assert (run / "plots" / "trials.png").exists()


def test_the_task_is_as_it_was(searched):
    task, _, _, before, _ = searched
    assert not task.trained
    assert task.problem.pooling == "cls"
    for weight, value in zip(task.encoder.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_the_best_settings_alone_give_the_best_task(searched, tiny_checkpoint):
    _, found, run, _, _ = searched
    settings = dict(found["best"]["settings"])
    task = TextClassifier.from_handle(
        tiny_checkpoint, pooling=settings.pop("pooling")
    )
    task.fit(
        SINGLE,
        validation_data=SINGLE,
        batch_size=8,
        seed=1,
        verbose=0,
        **settings,
    )
    assert task.metrics == load_task(run / "best").metrics


def test_finished_it_trains_nothing_and_another_search_is_refused(
    searched, monkeypatch
):
    task, found, _, _, options = searched
    monkeypatch.setattr(fine_tuning, "train", None)
    assert tune(task, SINGLE, **options) == found
    assert tune(task, SINGLE, **options | {"seconds": 0, "trials": 9}) == found
    for changes, data, message in (
        ({"seed": 2}, SINGLE, "settings.seed was 1 and is now 2"),
        ({"space": {"epochs": 1}}, SINGLE, "space.epochs"),
        ({}, SINGLE[:-1], "data_sha256 differs"),
    ):
        with pytest.raises(RunExists, match=message):
            tune(task, data, **options | changes)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"colour": 1}, r"`space`: .*batch_size.*pooling.*Received: 'colour'"),
        ({"epochs": (3, 2)}, r"a range \(low, high\) for 'epochs'"),
        ({"learning_rate": (0, 0.1)}, "low below high and both above 0"),
        ({"warmup_ratio": (0.0, 1.5)}, "`warmup_ratio` from 0"),
        ({"batch_size": []}, "one choice or more"),
        ({"pooling": ["cls", "median"]}, "`pooling` to be one of"),
        ({"epochs": (1, "x")}, "a range"),
    ],
)
def test_a_space_that_cannot_be_searched(space, message):
    with pytest.raises(ValueError, match=message):
        check_space(space, Classification())


def test_bad_data_is_refused_before_anything_is_written(searched, tmp_path):
    run = tmp_path / "run"
    with pytest.raises(DataError, match="unknown label 'x'"):
        tune(searched[0], SINGLE, validation_data=[("a", "x")], run_dir=run)
    assert not run.exists()


def test_a_trial_that_falls_behind_is_ended(tmp_path):
    trials = Trials(tmp_path / "trials.log", highest=True, seed=1)
    for score in (0.8, 0.9, 0.7, 0.6):
        trial = trials.ask()
        trial.report(score, 0)
        assert not trial.should_prune()
        assert trials.is_best(score) == (score in (0.8, 0.9))
        trials.tell(trial, score, state="complete", seconds=1.0)
    late = trials.ask()
    late.report(0.1, 0)
    assert late.should_prune()
    trials.tell(late, None, state="pruned", seconds=1.0)
    again = Trials(tmp_path / "trials.log", highest=True, seed=1)
    assert [row["score"] for row in again.rows()] == [0.9, 0.8, 0.7, 0.6, 0.1]
    assert again.rows()[-1]["state"] == "pruned"


def test_resumed_the_same_trials_are_proposed(tmp_path):
    def proposed(name, stops):
        found = []
        for stop in stops:
            trials = Trials(tmp_path / name, highest=False, seed=3)
            for _ in range(stop):
                trial = trials.ask()
                found.append(trial.suggest_float("x", 0, 1))
                trials.tell(trial, found[-1], state="complete", seconds=0.0)
        return found

    assert proposed("whole", [8]) == proposed("parts", [3, 4, 1])
