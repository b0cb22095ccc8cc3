"""Taggers and question answerers that another library trained."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tiny_task import write_checkpoint

from bert_keras.checkpoints import CheckpointError
from bert_keras.export import convert
from bert_keras.tasks import QuestionAnswerer, TokenTagger, load_task
from bert_keras.tasks.tagger_foreign_tags import entity_types

TEXT = ["a good film"]
# In an order that is not ours, which is O B-PER I-PER B-LOC I-LOC.
TAGS = ("I-PER", "O", "B-LOC", "B-PER", "I-LOC")
OURS = [1, 3, 0, 2, 4]


@pytest.fixture
def checkpoint(tmp_path):
    """Writes a Hugging Face folder with a head on each token."""

    def write(layer, outputs, **config):
        folder = write_checkpoint(tmp_path / "model", **config)
        path = folder / "model.safetensors"
        random = np.random.default_rng(0)
        kernel = random.normal(0, 0.5, (outputs, 20)).astype("float32")
        bias = random.normal(0, 0.5, outputs).astype("float32")
        head = {f"{layer}.weight": kernel, f"{layer}.bias": bias}
        save_file(load_file(path) | head, path)
        return folder

    return write


@pytest.fixture
def tagger(checkpoint):
    def write(tags, outputs=None):
        return checkpoint(
            "classifier",
            outputs or len(tags),
            architectures=["BertForTokenClassification"],
            id2label={str(i): tag for i, tag in enumerate(tags)},
        )

    return write


def logits_of(task, folder, layer):
    """The head's product, by hand, in the order of the file."""
    stored = load_file(folder / "model.safetensors")
    encoded = task.encoder(task.preprocessor(TEXT))
    sequence = encoded["sequence_output"].numpy()
    return sequence @ stored[f"{layer}.weight"].T + stored[f"{layer}.bias"]


def test_a_tagger_answers_at_once(tagger):
    folder = tagger(TAGS)
    task = load_task(folder)
    assert isinstance(task, TokenTagger)
    assert task.labels == ("PER", "LOC")
    expected = logits_of(task, folder, "classifier")[..., OURS]
    received = task.network(task.preprocessor(TEXT))
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5)
    # B-PER is best for each word.
    assert expected[0, 1:4].argmax(axis=1).tolist() == [1, 1, 1]
    found = task.predict(TEXT)[0]["entities"]
    assert [(e["label"], e["text"]) for e in found] == [
        ("PER", "a"),
        ("PER", "good"),
        ("PER", "film"),
    ]


def test_types_are_in_the_order_of_the_file():
    assert entity_types(("O", "I-B-a", "B-B-a", "B-X")) == ("B-a", "X")


@pytest.mark.parametrize(
    "tags, outputs, expected",
    [
        (("O", "PER", "LOC"), None, "It has LOC, PER"),
        (("O", "I-PER", "I-LOC"), None, "It has no B-LOC, no B-PER"),
        (("O", "B-A", "I-A", "E-A", "S-A"), None, "It has E-A, S-A"),
        (("B-A", "I-A"), None, "It has no O"),
        (("O", "O", "B-A", "I-A"), None, "Received: O, O, B-A, I-A"),
        (("O",), None, "both of each entity type. Received: O"),
        (("O", "B-A", "I-A"), 5, "a name for each of 5 tags"),
    ],
)
def test_tags_that_are_not_a_permutation_of_ours(
    tagger, tags, outputs, expected
):
    with pytest.raises(CheckpointError, match=expected):
        load_task(tagger(tags, outputs))


def test_a_question_answerer_answers_at_once(checkpoint):
    folder = checkpoint(
        "qa_outputs", 2, architectures=["BertForQuestionAnswering"]
    )
    task = load_task(folder)
    assert isinstance(task, QuestionAnswerer)
    # A window is all positions of so small an encoder, 384 of BERT's.
    assert task.preprocessor.max_length == 14
    expected = logits_of(task, folder, "qa_outputs")
    received = task.network(task.preprocessor(TEXT))
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5)
    question = [("good film?", "a good film, a bad play")]
    assert task.predict(question)[0]["answer"] != ""
    none = load_task(folder, unanswerable=True, threshold=0.0)
    assert none.predict(question)[0]["answer"] == ""


@pytest.mark.parametrize(
    "layer, outputs, name",
    [("qa_outputs", 2, "Question"), ("classifier", 3, "Text")],
)
def test_heads_of_google_research(checkpoint, tmp_path, layer, outputs, name):
    """As run_squad.py and run_classifier.py save them."""
    theirs = load_task(checkpoint(layer, outputs))
    copy = convert(tmp_path / "model", tmp_path / "tf1", format="tf1")
    task = load_task(copy)
    assert type(task) is type(theirs)
    assert type(task).__name__.startswith(name)
    assert task.labels == theirs.labels
    inputs = task.preprocessor(TEXT)
    np.testing.assert_array_equal(task.network(inputs), theirs.network(inputs))


def test_transitions_between_tags_are_kept(tiny_checkpoint, tmp_path):
    tagger = TokenTagger.from_handle(
        tiny_checkpoint, labels=["LOC"], predicate=False, crf=True
    )
    tagger.trained = True
    transitions = np.arange(9, dtype="float32").reshape(3, 3)
    tagger.network.named_variables["head/transitions"].assign(transitions)
    folder = tagger.save(tmp_path / "run")
    copy = load_task(convert(folder, tmp_path / "copy", format="bert_keras"))
    assert copy.problem.crf
    for name, weight in copy.network.named_variables.items():
        np.testing.assert_array_equal(
            weight, tagger.network.named_variables[name]
        )
    with pytest.raises(ValueError, match="Received: classifier/transitions"):
        convert(folder, tmp_path / "theirs", format="huggingface")
