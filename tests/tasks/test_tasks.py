"""The battery, once for each kind of task; then what a run leaves."""

import functools
import json

import pytest
from check_task import check_task
from small_fit import LIVELY
from tiny_task import (
    LIKENESS,
    LONG,
    PAIRS,
    POSITIVES,
    SCORES,
    SEVERAL,
    SINGLE,
)

from bert_keras.data import DataError
from bert_keras.tasks import (
    TextClassifier,
    TextEmbedder,
    TextRegressor,
    fine_tuning,
    load_task,
)
from bert_keras.training import RunExists

LABELLED = {"label", "score", "scores"}
KINDS = {
    "single": (TextClassifier, {}, SINGLE, {"accuracy", "macro_f1"}, LABELLED),
    "pair": (
        TextClassifier,
        {"pooling": "mean", "label_smoothing": 0.1, "balance": "weights"},
        PAIRS,
        {"accuracy"},
        LABELLED,
    ),
    "several": (
        TextClassifier,
        {"multi_label": True, "pooling": "max"},
        SEVERAL,
        {"micro_f1"},
        LABELLED,
    ),
    "windows": (
        TextClassifier,
        {"windows": "attention", "stride": 6, "balance": "weights"},
        LONG,
        {"accuracy"},
        LABELLED,
    ),
    "regressor": (
        TextRegressor,
        {"pooling": "mean"},
        SCORES,
        {"pearson", "spearman"},
        {"score"},
    ),
    "embedder": (TextEmbedder, {}, LIKENESS, {"spearman"}, {"embedding"}),
    "embedder of positives": (
        TextEmbedder,
        {"objective": "positives", "pooling": "cls", "normalize": False},
        POSITIVES,
        {"recall_at_1", "mean_reciprocal_rank"},
        {"embedding"},
    ),
}


@pytest.fixture(scope="module")
def trained(tiny_checkpoint, tmp_path_factory):
    """Returns a task that has passed the battery, and its folder."""

    @functools.cache
    def trained(kind):
        task_class, options, data, metrics, answer = KINDS[kind]
        folder = tmp_path_factory.mktemp("battery")
        task = task_class.from_handle(tiny_checkpoint, **options)
        with pytest.MonkeyPatch.context() as patch:
            check_task(
                task, data, folder, patch, metrics=metrics, answer=answer
            )
        return task, folder

    return trained


@pytest.mark.parametrize("kind", KINDS)
def test_battery(kind, trained):
    task, _ = trained(kind)
    assert task.trained


def test_what_was_learned(trained):
    assert trained("single")[0].labels == ("neg", "pos")
    assert trained("pair")[0].labels == ("other", "same")
    assert trained("several")[0].labels == ("film", "good", "play")
    regressor = trained("regressor")[0]
    assert regressor.labels is None
    assert regressor.problem.mean == pytest.approx(2.75)
    assert regressor.problem.scale == pytest.approx(2.0156, abs=1e-4)


def test_good_and_bad_are_told_apart(trained):
    answers = trained("single")[0].predict(["a good film", "the bad film"])
    assert [answer["label"] for answer in answers] == ["pos", "neg"]
    good, bad = trained("regressor")[0].predict(["a good film", "the bad film"])
    assert good["score"] > bad["score"] + 1


def test_trained_on_pairs_it_refuses_single_texts(trained):
    task = trained("pair")[0]
    with pytest.raises(DataError, match="Expected pairs of texts"):
        task.predict(["one text"])
    with pytest.raises(DataError, match="Expected pairs of texts"):
        task.evaluate([("one text", "same")])


def test_trained_on_single_texts_it_refuses_pairs(trained):
    with pytest.raises(DataError, match="Expected single texts"):
        trained("single")[0].predict([("one", "another")])


@pytest.mark.parametrize(
    ("kind", "pictures"),
    [
        ("single", {"confusion_matrix", "reliability"}),
        ("several", set()),
        ("regressor", {"predicted_against_true"}),
        ("embedder", {"cosine_against_score"}),
        ("embedder of positives", set()),
    ],
)
def test_what_a_run_leaves(trained, kind, pictures):
    task, folder = trained(kind)
    run = folder / "run"
    asked = json.loads((run / "training.json").read_text())
    assert asked["finished"] is True
    assert asked["settings"]["epochs"] == LIVELY["epochs"]
    assert asked["examples"] == 16
    history = json.loads((run / "history.json").read_text())
    assert [epoch["epoch"] for epoch in history] == [1, 2, 3, 4, 5, 6]
    assert json.loads((run / "metrics.json").read_text()) == task.metrics
    drawn = {path.stem for path in (run / "plots").glob("*.png")}
    assert drawn == pictures | {"learning_curve"}
    for path in (run / "plots").iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")
    files = {path.name for path in run.iterdir()}
    assert files - {"mistakes.tsv"} == {
        "training.json",
        "history.json",
        "metrics.json",
        "plots",
        "task.json",
        "model.safetensors",
        "vocab.txt",
        "tokenizer_config.json",
    }
    if kind == "regressor":
        lines = (run / "mistakes.tsv").read_text().splitlines()
        assert "text" in lines[0].split("\t")
        assert len(lines) > 1


def test_stopped_within_the_first_epoch_the_task_is_kept(
    tiny_checkpoint, tmp_path, monkeypatch
):
    monkeypatch.setattr(fine_tuning, "train", lambda *_, **__: [])
    task = TextClassifier.from_handle(tiny_checkpoint)
    assert task.fit(SINGLE, run_dir=tmp_path, verbose=0).epochs == []
    assert load_task(tmp_path).labels == ("neg", "pos")
    assert json.loads((tmp_path / "history.json").read_text()) == []


def test_a_finished_run_is_not_trained_again(
    trained, tiny_checkpoint, monkeypatch
):
    finished, folder = trained("single")
    monkeypatch.setattr(fine_tuning, "train", None)
    task = TextClassifier.from_handle(tiny_checkpoint)
    run = folder / "run"
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    history = task.fit(
        SINGLE, validation_data=SINGLE, run_dir=run, verbose=0, **LIVELY
    )
    assert history.epochs == json.loads((run / "history.json").read_text())
    assert task.metrics == finished.metrics
    assert task.predict(["good"]) == finished.predict(["good"])
    assert before == {path: path.stat().st_mtime_ns for path in run.rglob("*")}


@pytest.mark.parametrize(
    ("settings", "data", "message"),
    [
        ({"epochs": 7}, SINGLE, "settings.epochs was 6 and is now 7"),
        ({"learning_rate": 0.1}, SINGLE, "settings.learning_rate was 0.01"),
        ({}, SINGLE[:-1], "examples was 16 and is now 15"),
        ({}, [*SINGLE[:-1], ("is good", "neg")], "data_sha256"),
    ],
)
def test_another_run_in_its_folder_is_refused(
    trained, tiny_checkpoint, settings, data, message
):
    run = trained("single")[1] / "run"
    before = (run / "training.json").read_bytes()
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(RunExists, match=message) as error:
        task.fit(
            data,
            validation_data=SINGLE,
            run_dir=run,
            verbose=0,
            **LIVELY | settings,
        )
    assert "Choose another folder" in str(error.value)
    assert len(str(error.value)) < 500
    assert (run / "training.json").read_bytes() == before


def test_other_validation_data_make_another_run(trained, tiny_checkpoint):
    run = trained("single")[1] / "run"
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(RunExists, match="validation"):
        task.fit(
            SINGLE,
            validation_data=SINGLE[:3],
            run_dir=run,
            verbose=0,
            **LIVELY,
        )
