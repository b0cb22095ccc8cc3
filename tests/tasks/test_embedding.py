"""Targets and losses of embedding, by hand; nothing is trained."""

import numpy as np
import pytest

from bert_keras.checkpoints import CheckpointError, read_checkpoint
from bert_keras.data import DataError, Examples
from bert_keras.export import convert
from bert_keras.tasks import Embedding, TextEmbedder, load_task

PAIRS = Examples(["a", "b"], texts_b=["c", "d"], labels=["1", "5"])
# Two pairs: the first of the same direction, the second at a right angle.
VECTORS = np.array([[2, 0], [1, 0], [0, 3], [1, 0]], np.float32)


def test_scores_become_cosines():
    problem = Embedding()
    problem.adapt(PAIRS)
    assert (problem.lowest, problem.highest) == (1.0, 5.0)
    assert problem.texts(PAIRS) == {"text": ["a", "c", "b", "d"]}


def test_the_loss_of_scores_is_the_squared_error_of_the_cosine():
    found = Embedding().loss(np.array([1.0, 0.5], np.float32), VECTORS)
    np.testing.assert_allclose(found, [0.0, 0.25], atol=1e-6)


def test_the_loss_of_positives_is_that_of_finding_the_partner():
    problem = Embedding(objective="positives", scale=2.0)
    # Cosines: the first text with both partners 1, the second with both 0.
    found = problem.loss(np.zeros(2, np.float32), VECTORS)
    np.testing.assert_allclose(found, [np.log(2), np.log(2)], atol=1e-6)


def test_metrics_of_both_objectives():
    answers = {"embedding": VECTORS}
    scored = Embedding().measure(
        Examples(["a", "b"], texts_b=["c", "d"], labels=[5, 0]), answers
    )
    assert scored == {
        "examples": 2,
        "pearson": pytest.approx(1.0),
        "spearman": pytest.approx(1.0),
    }
    found = Embedding(objective="positives").measure(PAIRS, answers)
    assert found["examples"] == 2


def test_bad_data_and_options_are_refused():
    with pytest.raises(DataError, match="Expected pairs of texts"):
        Embedding(lowest=0, highest=1).training_data(
            Examples(["a"], labels=[1]), None
        )
    with pytest.raises(DataError, match="objective `positives`"):
        Embedding().adapt(Examples(["a"], texts_b=["b"], labels=["3"]))
    with pytest.raises(ValueError, match="objective='cosine'"):
        Embedding(objective="cosine")
    with pytest.raises(ValueError, match="`pooling`"):
        Embedding(pooling="first")


def test_a_folder_says_how_its_vectors_are_made(tiny_checkpoint, tmp_path):
    import json
    import shutil

    folder = tmp_path / "sentences"
    shutil.copytree(tiny_checkpoint, folder)
    steps = ["Transformer", "Pooling", "Dense"]
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_max_tokens": true}'
    )
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 9}')

    def write(names):
        paths = ["", "1_Pooling", "2_Dense"]
        (folder / "modules.json").write_text(
            json.dumps(
                [
                    {"type": f"x.{name}", "path": path}
                    for name, path in zip(names, paths, strict=False)
                ]
            )
        )

    write(steps[:2])
    task = TextEmbedder.from_handle(folder)
    assert task.problem.pooling == "max"
    assert task.problem.normalize is False
    assert task.preprocessor.max_length == 9
    assert TextEmbedder.from_handle(folder, pooling="cls").problem.pooling == (
        "cls"
    )
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "config.json").write_text(
        '{"activation_function": "torch.nn.modules.activation.Tanh"}'
    )
    write(steps)
    with pytest.raises(CheckpointError, match="without the file of its we"):
        TextEmbedder.from_handle(folder)
    write(["Transformer", "Pooling", "CNN"])
    with pytest.raises(CheckpointError, match="Transformer, Pooling, CNN"):
        TextEmbedder.from_handle(folder)


def test_it_answers_without_training(tiny_checkpoint):
    task = TextEmbedder.from_handle(tiny_checkpoint)
    vectors = task.embed(["a good film", "bad"])
    assert vectors.shape == (2, 20)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    cosines = task.similarity(["a good film"], ["a good film", "bad"])
    np.testing.assert_allclose(cosines, vectors[:1] @ vectors.T, atol=1e-6)


def test_windows_are_loaded_with_a_folder(tiny_checkpoint, tmp_path):
    task = TextEmbedder.from_handle(
        tiny_checkpoint, windows="attention", stride=6
    )
    task.network.head.windows.query.assign(np.linspace(-1, 1, 20))
    folder = task.save(tmp_path / "task")
    text = ["a film is not very good , not very bad ! the play 1 2 na dull"]
    copy = TextEmbedder.from_handle(folder)
    assert copy.problem.long_text == task.problem.long_text
    np.testing.assert_array_equal(copy.embed(text), task.embed(text))
    fresh = TextEmbedder.from_handle(folder, windows="attention")
    assert not np.any(fresh.network.head.windows.query)


def test_a_dense_layer_from_training_to_another_format(
    tiny_checkpoint, tmp_path
):
    task = TextEmbedder.from_handle(tiny_checkpoint, dense=7, pooling="max")
    plain = TextEmbedder.from_handle(
        tiny_checkpoint, pooling="max", normalize=False
    )
    layer = task.network.head.dense
    pooled = plain.embed(["a good film"])
    by_hand = np.tanh(pooled @ layer.kernel.numpy() + layer.bias.numpy())
    by_hand /= np.linalg.norm(by_hand)
    np.testing.assert_allclose(task.embed(["a good film"]), by_hand, atol=1e-6)

    folder = convert(
        task.save(tmp_path / "task"), tmp_path / "to", format="huggingface"
    )
    assert (folder / "2_Dense" / "model.safetensors").is_file()
    assert read_checkpoint(folder).sentence.max_length == 14
    copy = TextEmbedder.from_handle(folder)
    assert copy.problem.to_dict() == task.problem.to_dict()
    np.testing.assert_array_equal(
        copy.embed(["a good film"]), task.embed(["a good film"])
    )
    assert load_task(tmp_path / "task").problem.dense == 7
