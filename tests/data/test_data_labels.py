"""Labels to arrays, and every way in which they can be wrong."""

import numpy as np
import pytest

from bert_keras.data import (
    DataError,
    Examples,
    infer_labels,
    label_ids,
    label_matrix,
    label_scores,
    require_classes,
)


def examples_of(labels):
    """Returns examples with these labels, from line 2 of `dev.tsv` on."""
    return Examples(
        texts=["text"] * len(labels),
        labels=labels,
        source="dev.tsv",
        lines=list(range(2, 2 + len(labels))),
    )


def test_learned_labels_are_sorted():
    assert infer_labels(examples_of(["b", "a ", "b"])) == ("a", "b")
    assert infer_labels(examples_of(["10", "9", "-1"])) == ("-1", "9", "10")
    assert infer_labels(examples_of([10, 9, 1.0])) == ("1", "9", "10")
    assert infer_labels(examples_of(["10", "9", "x"])) == ("10", "9", "x")


def test_learned_from_several_labels():
    examples = examples_of(["b|a", "", ["c", "a"]])
    assert infer_labels(examples, separator="|") == ("a", "b", "c")


def test_one_class_only():
    with pytest.raises(DataError, match=r"dev\.tsv: .*2 different.*only: 'a'"):
        infer_labels(examples_of(["a", "a"]))
    with pytest.raises(DataError, match="Received only: 'a'"):
        require_classes(["a"], "dev.tsv")


def test_ids():
    ids = label_ids(examples_of(["b", " a", "b"]), ("a", "b"))
    assert ids.dtype == np.int32
    assert ids.tolist() == [1, 0, 1]


def test_positions_stand_for_names_unless_names_are_numbers():
    assert label_ids(examples_of([1, "0"]), ("bad", "good")).tolist() == [1, 0]
    assert label_ids(examples_of([1, "0"]), ("1", "0")).tolist() == [0, 1]
    with pytest.raises(DataError, match="unknown label '2'"):
        label_ids(examples_of([2]), ("bad", "good"))


def test_label_that_train_lacks():
    labels = ["refund", "refnud", "return"] + ["other"] * 9
    with pytest.raises(DataError) as caught:
        label_ids(examples_of(labels), ("refund", "return"))
    message = str(caught.value)
    assert "Expected one of the labels 'refund', 'return'." in message
    assert "Received 10 bad rows" in message
    assert "dev.tsv:3: unknown label 'refnud' (close: 'refund'" in message
    assert "dev.tsv:5: unknown label 'other'\n" in message
    assert "... and 5 more" in message
    assert "add examples of them to the training data" in message


@pytest.mark.parametrize("empty", ["", "  "])
def test_empty_label(empty):
    examples = examples_of(["a", empty, "b"])
    with pytest.raises(DataError, match=r"dev\.tsv:3: an empty label"):
        label_ids(examples, ("a", "b"))
    with pytest.raises(DataError, match=r"dev\.tsv:3: an empty label"):
        infer_labels(examples)


def test_several_labels_where_one_is_expected():
    with pytest.raises(DataError, match=r"dev\.tsv:2: several labels"):
        label_ids(examples_of([["a", "b"]]), ("a", "b"))


def test_matrix():
    examples = examples_of(["a|c", "", ["b"], "c | b"])
    matrix = label_matrix(examples, ("a", "b", "c"))
    assert matrix.dtype == np.float32
    assert matrix.tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0], [0, 1, 1]]


def test_matrix_with_another_separator():
    matrix = label_matrix(examples_of(["a|b, c"]), ("a|b", "c"), separator=",")
    assert matrix.tolist() == [[1, 1]]


def test_matrix_with_an_unknown_label():
    with pytest.raises(DataError, match=r"dev\.tsv:2: unknown label 'd'"):
        label_matrix(examples_of(["a|d"]), ("a", "b"))


def test_scores():
    scores = label_scores(examples_of(["2.5", "-1e-3", 4]))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, [2.5, -0.001, 4])


def test_scores_that_are_not_finite_numbers():
    labels = ["1", "good", "nan", "inf", "1e39", "1_0", "", ["2"]]
    with pytest.raises(DataError) as caught:
        label_scores(examples_of(labels))
    message = str(caught.value)
    assert "Received 7 bad rows" in message
    assert "dev.tsv:3: 'good' is not a finite number" in message
    assert "train a classifier" in message


def test_unlabelled_examples():
    with pytest.raises(DataError, match="Received texts without labels"):
        label_scores(Examples(["a"], source="dev.tsv"))
