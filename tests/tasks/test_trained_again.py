"""A task that is trained again: nothing that is stale is left."""

import json

import keras
import numpy as np
import pytest
from small_fit import LIVELY
from tiny_task import PAIRS, SINGLE

from bert_keras.data import DataError
from bert_keras.tasks import (
    QuestionAnswerer,
    TextClassifier,
    TextRegressor,
    load_task,
)
from bert_keras.training import RunExists

CONTEXT = "the good film is a play"
QUESTIONS = [
    ("good?", CONTEXT, "good film"),
    ("play?", CONTEXT, ""),
] * 4
ONCE = LIVELY | {"epochs": 1}


def fit(task, data, **options):
    return task.fit(data, verbose=0, **ONCE | options)


@pytest.fixture
def task(tiny_checkpoint):
    return TextClassifier.from_handle(tiny_checkpoint)


@pytest.fixture(scope="module")
def trained(tiny_checkpoint, tmp_path_factory):
    """A trained classifier and its run."""
    run = tmp_path_factory.mktemp("state") / "run"
    task = TextClassifier.from_handle(tiny_checkpoint)
    fit(task, SINGLE, validation_data=SINGLE, run_dir=run)
    return task, run


# === Twice ===
def test_an_old_threshold_is_not_used(tiny_checkpoint, tmp_path):
    task = QuestionAnswerer.from_handle(tiny_checkpoint, max_length=14)
    fit(task, QUESTIONS, validation_data=QUESTIONS)
    assert task.problem.tuned is not None
    questions = [row[:2] for row in QUESTIONS[:2]]
    task.predict(questions)  # traces the graph with the tuned threshold
    fit(task, QUESTIONS)
    assert task.problem.tuned is None
    loaded = load_task(task.save(tmp_path / "saved"))
    assert loaded.predict(questions) == task.predict(questions)


def test_old_metrics_are_not_kept(task, tmp_path):
    fit(task, SINGLE, validation_data=SINGLE)
    assert task.metrics["accuracy"] >= 0
    fit(task, SINGLE)
    assert task.metrics == {}
    saved = json.loads((task.save(tmp_path) / "task.json").read_text())
    assert saved["metrics"] == {}


def test_metrics_are_dropped_before_the_first_step(task):
    fit(task, SINGLE, validation_data=SINGLE)

    class Stop(Exception):
        pass

    class Fail(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise Stop

    with pytest.raises(Stop):
        fit(task, SINGLE, callbacks=[Fail()])
    assert task.metrics == {}


def test_a_second_fit_continues(task):
    first = fit(task, SINGLE, epochs=3)
    second = fit(task, SINGLE, epochs=3)
    assert second[0]["loss"] < first[0]["loss"]


def test_labels_that_were_inferred_stay(task):
    fit(task, SINGLE)
    before = task.predict(["a good film"])
    with pytest.raises(DataError, match="'fine'"):
        fit(task, [("a good film", "fine"), ("the bad film", "pos")])
    assert task.labels == ("neg", "pos")
    assert task.predict(["a good film"]) == before


def test_data_that_is_refused_does_not_change_the_problem(task, tmp_path):
    with pytest.raises(DataError):
        fit(task, [("good", "yes"), ("bad", "")])
    assert task.labels is None
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "training.json").write_text('{"finished": false}')
    with pytest.raises(RunExists):
        fit(task, [("good", "yes"), ("bad", "no")], run_dir=tmp_path / "run")
    assert task.labels is None and task.problem.pair is None
    fit(task, SINGLE)
    assert task.labels == ("neg", "pos")


def test_single_texts_after_pairs_are_refused(tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    fit(task, PAIRS)
    with pytest.raises(DataError, match="Expected pairs of texts"):
        fit(task, SINGLE)
    assert task.labels == ("other", "same")


# === Not trained ===
def test_an_untrained_head_is_not_measured(tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint, labels=["neg", "pos"])
    with pytest.raises(ValueError, match="never trained"):
        task.evaluate(SINGLE)


def test_a_network_without_labels(task):
    with pytest.raises(ValueError, match=r"Pass labels=\[\.\.\.\]"):
        _ = task.network


# === Runs ===
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda task: task.encoder.freeze("embeddings"), "frozen"),
        (lambda task: task.enable_lora(2), "lora_rank"),
        (
            lambda task: task.encoder.pooler.bias.assign(np.ones(20)),
            "start_sha256 differs",
        ),
    ],
)
def test_another_start_is_another_run(
    trained, tiny_checkpoint, change, message
):
    task = TextClassifier.from_handle(tiny_checkpoint)
    change(task)
    with pytest.raises(RunExists, match=message):
        fit(task, SINGLE, validation_data=SINGLE, run_dir=trained[1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "sgd"}, "optimizer"),
        ({"loss": "sparse_categorical_crossentropy"}, "loss"),
        ({"class_weight": {"pos": 2.0}}, "data_sha256 differs"),
        ({"sample_weight": [1.0, 0.5] * 8}, "data_sha256 differs"),
        ({"layer_decay": 0.9}, "settings.layer_decay"),
    ],
)
def test_another_choice_is_another_run(
    trained, tiny_checkpoint, options, message
):
    task = TextClassifier.from_handle(tiny_checkpoint)
    data, labels = map(list, zip(*SINGLE, strict=True))
    with pytest.raises(RunExists, match=message):
        task.fit(
            data,
            labels,
            validation_data=SINGLE,
            run_dir=trained[1],
            verbose=0,
            **ONCE | options,
        )


def test_the_same_call_again_finds_the_finished_run(trained):
    task, run = trained
    weights = task.network.get_weights()
    again = fit(task, SINGLE, validation_data=SINGLE, run_dir=run)
    assert again.epochs == json.loads((run / "history.json").read_text())
    for left, right in zip(weights, task.network.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_a_loaded_task_does_not_continue_its_own_run(trained):
    loaded = load_task(trained[1])
    with pytest.raises(RunExists, match="start_sha256 differs"):
        fit(loaded, SINGLE, validation_data=SINGLE, run_dir=trained[1])
    assert loaded.metrics == trained[0].metrics


def test_a_task_that_shares_an_encoder_starts_where_it_is_now(trained):
    other = TextRegressor.sharing_encoder(trained[0])
    scores = [("a good film", 5.0), ("the bad film", 1.0)] * 4
    fit(other, scores)
    assert other.trained and other.metrics == {}
    assert trained[0].labels == ("neg", "pos")


# === Frozen, LoRA ===
def test_frozen_weights_do_not_change_and_are_remembered(
    task, tmp_path, tiny_checkpoint
):
    task.encoder.freeze("all")
    before = task.encoder.get_weights()
    fit(task, SINGLE)
    for left, right in zip(before, task.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    loaded = load_task(task.save(tmp_path / "saved"))
    assert loaded.encoder.frozen == task.encoder.frozen != []


def test_nothing_to_train(tiny_checkpoint):
    from tiny_task import LIKENESS

    from bert_keras.tasks import TextEmbedder

    task = TextEmbedder.from_handle(tiny_checkpoint)
    task.encoder.trainable = False
    with pytest.raises(ValueError, match="all weights are frozen"):
        fit(task, LIKENESS)


def test_lora_is_trained_saved_resumed_and_merged(tiny_checkpoint, tmp_path):
    task = TextClassifier.from_handle(tiny_checkpoint)
    kernel = task.encoder.blocks[0].attention.query.kernel
    before = kernel.numpy()
    task.enable_lora(2)
    fit(task, SINGLE, epochs=3, run_dir=tmp_path / "run")
    np.testing.assert_array_equal(kernel.numpy(), before)
    loaded = load_task(tmp_path / "run")
    assert loaded.encoder.lora_rank == 2
    texts = ["a good film", "the bad film"]
    assert loaded.predict(texts) == task.predict(texts)
    again = fit(loaded, SINGLE)  # continues with the same few weights
    assert len(again) == 1
    version = task.export(tmp_path / "exported")
    served = load_task(version)
    assert served.encoder.lora_rank is None
    merged = served.encoder.blocks[0].attention.query.kernel.numpy()
    assert np.abs(merged - before).max() > 0
    for left, right in zip(
        served.predict(texts), task.predict(texts), strict=True
    ):
        assert left["score"] == pytest.approx(right["score"], abs=1e-5)


def test_a_run_with_lora_is_a_handle_like_any_other(tiny_checkpoint, tmp_path):
    task = TextClassifier.from_handle(tiny_checkpoint)
    task.enable_lora(2)
    fit(task, SINGLE, epochs=2, run_dir=tmp_path / "run")
    other = TextClassifier.from_handle(tmp_path / "run", labels=["a", "b"])
    task.encoder.merge_lora()
    mine, theirs = (t.encoder.named_variables for t in (task, other))
    assert mine.keys() == theirs.keys()
    for name, variable in mine.items():
        np.testing.assert_allclose(
            variable.numpy(), theirs[name].numpy(), atol=1e-6
        )
