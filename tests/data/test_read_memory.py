"""Data in memory to examples: lists, dicts, data frames, datasets."""

import sys
import types

import numpy as np
import pytest

from bert_keras.data import DataError, read_examples

TEXTS = ["a", "b"]
LABELS = ["x", "y"]


@pytest.mark.parametrize(
    "source",
    [
        [("a", "x"), ("b", "y")],
        [["a", "x"], ["b", "y"]],
        (TEXTS, LABELS),
        (np.array(TEXTS), np.array(LABELS)),
        {"text": TEXTS, "label": LABELS},
        {"sentence": np.array(TEXTS), "category": LABELS, "id": [1, 2]},
    ],
)
def test_labelled_texts(source):
    examples = read_examples(source)
    assert (examples.texts, examples.labels) == (TEXTS, LABELS)
    assert examples.texts_b is None
    assert examples.lines is None
    assert all(type(text) is str for text in examples.texts)


@pytest.mark.parametrize(
    "source",
    [
        [("a", "c", "x"), ("b", "d", "y")],
        ((TEXTS, ["c", "d"]), LABELS),
        {"sentence1": TEXTS, "sentence2": ["c", "d"], "label": LABELS},
    ],
)
def test_labelled_pairs(source):
    examples = read_examples(source)
    assert examples.texts == TEXTS
    assert examples.texts_b == ["c", "d"]
    assert examples.labels == LABELS


def test_unlabelled():
    assert read_examples(TEXTS, labelled=False).texts == TEXTS
    pairs = read_examples([("a", "c"), ("b", "d")], labelled=False)
    assert (pairs.texts, pairs.texts_b) == (TEXTS, ["c", "d"])
    assert pairs.labels is None
    assert len(read_examples([], labelled=False)) == 0


def test_place_in_a_list():
    examples = read_examples(TEXTS, labelled=False)
    assert examples.where(1) == "a list, index 1"


def test_numbers_become_plain_and_missing_labels_empty():
    source = {"text": ["a", "b", "c"], "label": [np.int64(3), None, np.nan]}
    examples = read_examples(source)
    assert examples.labels == [3, "", ""]
    assert type(examples.labels[0]) is int


def test_data_frame():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": TEXTS, "label": LABELS}, index=[7, 8])
    examples = read_examples(frame)
    assert (examples.texts, examples.labels) == (TEXTS, LABELS)
    assert examples.where(0) == "a data frame, index 0"


def test_data_frame_with_gaps():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "text": TEXTS,
            "label": pandas.array([1, pandas.NA], dtype="Int64"),
        }
    )
    assert read_examples(frame).labels == [1, ""]
    frame.loc[1, "text"] = None
    with pytest.raises(DataError, match="index 1: expected a text"):
        read_examples(frame)


def test_data_frame_with_two_columns_of_one_name():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([["a", "b"]], columns=["text", "text"])
    with pytest.raises(DataError, match="more than one of: 'text'"):
        read_examples(frame)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (TEXTS, "a text alone: 'a'. Give"),
        ([("a", "x"), "b"], r"index 1: expected \(text, label\) as in"),
        ([("a", "x", 1, 2)], "an example of another form"),
        ([(1, "x")], "index 0: expected a text, received 1"),
        ((TEXTS, ["x"]), "columns of equal length.*'text': 2, 'label': 1"),
        ({"text": TEXTS, "label": "x"}, "a list for each column"),
        ([("a", [0, 1])], "expected label names where a row has several"),
        (42, "Expected a list of texts.*Received: int 42"),
        ([], "Expected at least one example"),
    ],
)
def test_refused(source, message):
    with pytest.raises(DataError, match=message):
        read_examples(source)


def test_datasets():
    tf = pytest.importorskip("tensorflow")
    slices = tf.data.Dataset.from_tensor_slices
    for dataset in (
        slices((TEXTS, LABELS)),
        slices((TEXTS, LABELS)).batch(2),
        slices({"text": TEXTS, "label": LABELS}),
    ):
        examples = read_examples(dataset)
        assert (examples.texts, examples.labels) == (TEXTS, LABELS)
    pairs = read_examples(slices(((TEXTS, ["ç", "d"]), [1, 0])))
    assert pairs.texts_b == ["ç", "d"]
    assert pairs.labels == [1, 0]
    assert read_examples(slices(TEXTS), labelled=False).texts == TEXTS
    with pytest.raises(DataError, match="repeats forever"):
        read_examples(slices((TEXTS, LABELS)).repeat())


def test_dataset_with_several_labels():
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensors(("a", ["x", "y"]))
    assert read_examples(dataset).labels == [["x", "y"]]


def test_tfds_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(
        DataError, match=r'pip install "bert-keras\[tfds\]"'
    ) as e:
        read_examples("tfds://glue/sst2?split=train")
    assert e.value.__suppress_context__  # one sentence, not two tracebacks


def test_tfds_without_a_split():
    with pytest.raises(DataError, match=r"Try tfds://glue/sst2\?split=train"):
        read_examples("tfds://glue/sst2")


def test_tfds_names_its_classes(monkeypatch):
    tf = pytest.importorskip("tensorflow")
    label = types.SimpleNamespace(int2str=["bad", "good"].__getitem__)
    builder = types.SimpleNamespace(
        info=types.SimpleNamespace(
            splits={"train": None}, features={"sentence": None, "label": label}
        ),
        download_and_prepare=lambda: None,
        as_dataset=lambda split: tf.data.Dataset.from_tensor_slices(
            {"sentence": ["a", "b", "c"], "label": [1, 0, -1]}
        ),
    )
    stand_in = types.ModuleType("tensorflow_datasets")
    stand_in.builder = {"glue/sst2": builder}.__getitem__
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", stand_in)
    examples = read_examples("tfds://glue/sst2?split=train")
    assert examples.labels == ["good", "bad", ""]
    with pytest.raises(DataError, match="Expected the name of a data set"):
        read_examples("tfds://glue/sst3?split=train")
