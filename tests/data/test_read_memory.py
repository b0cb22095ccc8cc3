"""Data in memory to examples: lists, dicts, data frames, datasets."""

import itertools
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
        (TEXTS, "a text without one: 'a'. Pass"),
        ([("a", "x"), "b"], r"index 1: expected \(text, label\) as in"),
        ([("a", "x", 1, 2)], "an example of another form"),
        ([(1, "x")], "index 0: expected a text, received 1"),
        ((TEXTS, ["x"]), "columns of equal length.*'text': 2, 'label': 1"),
        ({"text": TEXTS, "label": "x"}, "a list for each column"),
        ([("a", [0, 1])], "expected label names if a row has several"),
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


def texts_of_every_kind():
    tf = pytest.importorskip("tensorflow")
    pandas = pytest.importorskip("pandas")
    yield from (TEXTS, tuple(TEXTS), np.array(TEXTS), np.array(TEXTS, object))
    yield from (pandas.Series(TEXTS, index=[7, 8]), tf.constant(TEXTS))
    yield from (np.array([b"a", b"b"]), (text for text in TEXTS), iter(TEXTS))


def test_labels_beside_texts():
    for source in texts_of_every_kind():
        examples = read_examples(source, ["x", "y"])
        assert (examples.texts, examples.labels) == (TEXTS, LABELS)
        assert examples.weights is None
    for labels in texts_of_every_kind():
        assert read_examples(TEXTS, labels).labels == TEXTS
    assert read_examples(TEXTS, np.array([1, 0])).labels == [1, 0]
    assert read_examples(TEXTS, [["x", "y"], []]).labels == [["x", "y"], []]


@pytest.mark.parametrize(
    "source",
    [
        [("a", "c"), ("b", "d")],
        np.array([["a", "c"], ["b", "d"]]),
        (TEXTS, ["c", "d"]),
        (np.array(TEXTS), np.array(["c", "d"])),
        {"text_a": TEXTS, "text_b": np.array(["c", "d"])},
    ],
)
def test_labels_beside_pairs(source):
    pairs = read_examples(source, LABELS)
    assert (pairs.texts, pairs.texts_b) == (TEXTS, ["c", "d"])
    assert pairs.labels == LABELS


def test_texts_to_answer_of_every_kind():
    for source in texts_of_every_kind():
        assert read_examples(source, labelled=False).texts == TEXTS


@pytest.mark.parametrize(
    "given",
    [
        {"source": TEXTS, "labels": LABELS, "sample_weight": [1, 0.5]},
        {
            "source": TEXTS,
            "labels": LABELS,
            "sample_weight": np.array([1, 0.5], np.float32),
        },
        {"source": [("a", "x"), ("b", "y")], "sample_weight": [1, 0.5]},
        {"source": (TEXTS, LABELS, [1, 0.5])},
        {
            "source": {
                "text": TEXTS,
                "label": LABELS,
                "sample_weight": [1, 0.5],
            }
        },
    ],
)
def test_weights(given):
    examples = read_examples(**given)
    assert (examples.texts, examples.labels) == (TEXTS, LABELS)
    assert examples.weights.dtype == np.float32
    assert examples.weights.tolist() == [1, 0.5]


def test_weights_of_texts_without_labels():
    pairs = read_examples(
        [("a", "c"), ("b", "d")], sample_weight=[2, 0], labelled=False
    )
    assert pairs.weights.tolist() == [2, 0]


def test_weights_in_a_file(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("text\tlabel\tsample_weight\na\tx\t1\nb\ty\t0.5\n")
    assert read_examples(path).weights.tolist() == [1, 0.5]
    path.write_text("text\tlabel\tsample_weight\na\tx\t1\nb\ty\tmuch\n")
    with pytest.raises(DataError, match=r"a\.tsv:3: expected a sample weight"):
        read_examples(path)


@pytest.mark.parametrize("bad", [-1, np.nan, np.inf, 1e39, "much", None, True])
def test_bad_weights(bad):
    with pytest.raises(DataError, match="index 1: expected a sample weight"):
        read_examples(TEXTS, LABELS, [1, bad])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((TEXTS, ["x"]), r"Received 2 texts and 1 of 'label'"),
        ((TEXTS, LABELS, [1]), r"2 texts and 1 of 'sample_weight'"),
        ((TEXTS, LABELS, [0, 0]), "at least one sample weight above 0"),
        ((TEXTS, LABELS, [[1], [2]]), "index 0: expected a sample weight"),
        ((TEXTS, "dev.tsv"), "Pass validation data by name"),
        (("train.tsv", LABELS), "along with `labels`. Received: str"),
        (({"text": TEXTS, "label": LABELS}, LABELS), "Leave one of them out"),
        (([("a", "c", "x"), ("b", "d", "y")], LABELS), "Leave one of them out"),
        (([None, "b"], LABELS), "index 0: Expected .*: None"),
        ((["a", None], LABELS), "index 1: expected .*received None"),
        (([("a", "c"), 5], LABELS), "index 1: expected .*received 5"),
    ],
)
def test_what_stands_beside_texts_and_is_refused(given, message):
    with pytest.raises(DataError, match=message):
        read_examples(*given)


def test_labels_that_are_not_wanted():
    with pytest.raises(DataError, match="Expected no labels"):
        read_examples(TEXTS, LABELS, labelled=False)


def test_nothing_as_the_first_text_is_refused():
    with pytest.raises(DataError, match="index 0: Expected"):
        read_examples([None, "b"], labelled=False)


def slices(*elements):
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices(*elements)


WEIGHTS = [1, 0.5]


@pytest.mark.parametrize(
    ("elements", "texts_b", "labels", "weights"),
    [
        ((TEXTS, [1, 0], [1.0, 0.5]), None, [1, 0], WEIGHTS),
        ((TEXTS, [2.5, 1.0], [1.0, 0.5]), None, [2.5, 1], WEIGHTS),
        ((TEXTS, [1, 0], [1, 2]), None, [1, 0], [1, 2]),
        (
            (TEXTS, [["x", "y"], ["y", "z"]], [1.0, 0.5]),
            None,
            [["x", "y"], ["y", "z"]],
            WEIGHTS,
        ),
        ((TEXTS, ["c", "d"], LABELS), ["c", "d"], LABELS, None),
        ((TEXTS, ["c", "d"], [1, 0]), ["c", "d"], [1, 0], None),
        (((TEXTS, ["c", "d"]), [2.5, 1.0]), ["c", "d"], [2.5, 1], None),
        (
            ((TEXTS, ["c", "d"]), LABELS, [1.0, 0.5]),
            ["c", "d"],
            LABELS,
            WEIGHTS,
        ),
        (
            ({"text_a": TEXTS, "text_b": ["c", "d"]}, LABELS, [1.0, 0.5]),
            ["c", "d"],
            LABELS,
            WEIGHTS,
        ),
        (
            {"text": TEXTS, "label": LABELS, "sample_weight": [1.0, 0.5]},
            None,
            LABELS,
            WEIGHTS,
        ),
    ],
)
def test_elements_of_datasets(elements, texts_b, labels, weights):
    for dataset in (slices(elements), slices(elements).batch(2)):
        found = read_examples(dataset)
        assert (found.texts, found.texts_b) == (TEXTS, texts_b)
        assert found.labels == labels
        assert (None if weights is None else weights) == (
            found.weights if found.weights is None else found.weights.tolist()
        )


def test_elements_of_datasets_to_answer():
    for elements in (TEXTS, (TEXTS, [1, 0]), (TEXTS, [1, 0], [1.0, 0.5])):
        found = read_examples(slices(elements), labelled=False)
        assert (found.texts, found.texts_b) == (TEXTS, None)
    pairs = read_examples(slices((TEXTS, ["c", "d"])), labelled=False)
    assert pairs.texts_b == ["c", "d"]


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ((TEXTS, LABELS, [1.0, 2.0]), "string, string, float32.*may be"),
        ((TEXTS, [1, 0], LABELS), r"Received \(string, int32, string\)"),
        (([1, 0], TEXTS), r"Received \(int32, string\)"),
        ((TEXTS, TEXTS, LABELS, [1.0, 2.0]), "Received .*Give dicts"),
        (((TEXTS, TEXTS, TEXTS), LABELS), "Received .*Give dicts"),
        (TEXTS, "Expected a label column"),
    ],
)
def test_elements_that_are_asked_about(elements, message):
    with pytest.raises(DataError, match=message):
        read_examples(slices(elements))


def test_a_dataset_without_end():
    dataset = slices((TEXTS, LABELS)).repeat()
    with pytest.raises(DataError, match="steps_per_epoch"):
        read_examples(dataset)
    for endless in (dataset, dataset.batch(2)):
        assert read_examples(endless, limit=3).texts == ["a", "b", "a"]


def test_a_generator_without_end():
    found = read_examples(
        itertools.cycle(TEXTS), itertools.cycle(LABELS), [1, 2, 3], limit=3
    )
    assert (found.texts, found.labels) == (["a", "b", "a"], ["x", "y", "x"])
    rows = itertools.cycle([("a", "x"), ("b", "y")])
    assert read_examples(rows, limit=3).labels == ["x", "y", "x"]


def test_limit_of_what_ends():
    assert read_examples(TEXTS, LABELS, limit=1).texts == ["a"]
    assert read_examples(TEXTS, LABELS, limit=5).texts == TEXTS
    with pytest.raises(ValueError, match="`limit` to be at least 1"):
        read_examples(TEXTS, LABELS, limit=0)


def test_column_vectors():
    tf = pytest.importorskip("tensorflow")
    texts, labels = np.array([["a"], ["b"]]), np.array([[1], [0]])
    for source in (texts, tf.constant(texts)):
        examples = read_examples(source, labels, labels + 1.5)
        assert (examples.texts, examples.labels) == (TEXTS, [1, 0])
        assert examples.weights.tolist() == [2.5, 1.5]


def test_one_hot_labels():
    with pytest.raises(DataError, match="if it is one-hot, pass its argmax"):
        read_examples(TEXTS, np.eye(2))
