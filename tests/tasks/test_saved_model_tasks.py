"""Every task on an encoder that only its SavedModel knows."""

import numpy as np
import pytest
import tensorflow as tf
from check_task import check_task
from hub_encoder import save_hub_encoder
from tiny_task import PIECES, SINGLE

from bert_keras.checkpoints import (
    CheckpointError,
    describe,
    load_encoder,
    load_preprocessor,
    read_checkpoint,
)
from bert_keras.checkpoints.json_files import read_json
from bert_keras.encoders import SavedModelEncoder
from bert_keras.tasks import TASKS, TextClassifier, TextEmbedder, load_task
from bert_keras.trust import UntrustedModel


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "encoder"
    return save_hub_encoder(folder, PIECES.split())


def test_a_classifier_from_training_to_export(hub, tmp_path, monkeypatch):
    task = TextClassifier.from_handle(hub)
    assert type(task.encoder) is SavedModelEncoder
    check_task(
        task,
        SINGLE,
        tmp_path,
        monkeypatch,
        metrics={"accuracy", "macro_f1"},
        answer={"label", "score", "scores"},
    )
    with pytest.raises(ValueError, match="precision='bfloat16'"):
        task.export(tmp_path / "export", precision="bfloat16")
    texts = [text for text, _ in SINGLE]
    for path in (tmp_path / "run", tmp_path / "exported" / "1"):
        assert load_task(path).predict(texts) == task.predict(texts)
        is_a_handle(path, task.encoder)
    assert (
        "encoder/saved_model.pb"
        in read_json(tmp_path / "exported" / "1" / "bert_keras.json")["digests"]
    )


def is_a_handle(folder, encoder):
    """The encoder can be loaded alone, and its weights are stored once."""
    loaded = load_encoder(folder)
    assert type(loaded) is SavedModelEncoder
    assert loaded.named_variables.keys() == encoder.named_variables.keys()
    for name, weight in loaded.named_variables.items():
        np.testing.assert_array_equal(weight, encoder.named_variables[name])
    found = describe(folder)
    assert found["parameters"] == encoder.count_params()
    assert found["notes"][0].startswith("Not BERT's own architecture")
    assert "sequence_classifier" in found["heads"]
    assert load_preprocessor(folder).max_length
    assert not (folder / "encoder" / "variables").exists()


def test_a_missing_graph(hub, tmp_path):
    task = TextClassifier.from_handle(hub, labels=["no", "yes"], pair=False)
    task.trained = True
    folder = task.save(tmp_path / "task")
    (folder / "encoder" / "saved_model.pb").unlink()
    with pytest.raises(CheckpointError, match="Expected the graph of its"):
        load_encoder(folder)


def test_an_encoder_of_another_architecture(hub):
    contents = read_checkpoint(hub)
    assert contents.config is None
    assert contents.notes[0] == (
        "Not BERT's own architecture: it has attention/query/kernel."
    )
    assert describe(hub)["parameters"] == load_encoder(hub).count_params()
    with pytest.raises(ValueError, match="dtype='mixed_bfloat16'"):
        load_encoder(hub, dtype="mixed_bfloat16")


@pytest.mark.parametrize("kind", sorted(set(TASKS) - {"masked-lm"}))
def test_every_task_takes_it(hub, kind):
    labels = {"labels": ["a", "b"]} if "class" in kind else {}
    if kind == "tagger":
        labels = {"labels": ["O", "B-PER", "I-PER"]}
    task = TASKS[kind].from_handle(hub, **labels)
    assert task.problem.head(task.encoder, seed=1) is not None
    assert (
        task.network.named_variables.keys()
        > {f"encoder/{name}" for name in task.encoder.named_variables}
        or kind == "embedder"
    )


def test_a_preprocessor_of_its_own(hub, tmp_path):
    alone = save_hub_encoder(tmp_path / "encoder")
    with pytest.raises(ValueError, match="Expected a vocabulary"):
        load_preprocessor(alone)
    task = TextEmbedder.from_handle(alone, preprocessor=hub)
    assert task.embed(["a good film"]).shape == (1, 8)


class Reading(tf.Module):
    """An encoder that reads a file whenever it is called."""

    def __init__(self, vocabulary):
        super().__init__()
        self.kernel = tf.Variable(tf.ones([40, 8]), name="words/kernel")
        self.vocab_file = tf.saved_model.Asset(str(vocabulary))

    @tf.function
    def __call__(self, inputs, training=False):
        size = tf.strings.length(tf.io.read_file(self.vocab_file))
        x = tf.gather(self.kernel, inputs["input_word_ids"])
        x += tf.cast(size * 0, tf.float32)
        return {"sequence_output": x, "pooled_output": x[:, 0]}


def test_every_way_to_open_it_needs_trust(tmp_path):
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("\n".join(PIECES.split()) + "\n", encoding="utf-8")
    module = Reading(vocabulary)
    module.__call__.get_concrete_function(
        {
            name: tf.TensorSpec([None, None], tf.int32)
            for name in ("input_word_ids", "input_mask", "input_type_ids")
        },
        training=False,
    )
    tf.saved_model.save(module, str(tmp_path / "encoder"))
    handle = tmp_path / "encoder"
    # Its vocabulary and its weights are data, whoever made them.
    assert read_checkpoint(handle).vocabulary
    with pytest.raises(UntrustedModel, match="ReadFile"):
        TextClassifier.from_handle(handle, labels=["no", "yes"])
    task = TextClassifier.from_handle(
        handle, labels=["no", "yes"], trust=True, pair=False
    )
    task.trained = True
    folder = task.save(tmp_path / "task")
    with pytest.raises(UntrustedModel, match="ReadFile"):
        load_task(folder)
    answers = load_task(folder, trust=True).predict(["a film"])
    assert answers == task.predict(["a film"])
