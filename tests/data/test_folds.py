"""Folds by hand: nothing twice, no text on both sides, classes shared out."""

import numpy as np
import pytest

from bert_keras.data import (
    Answer,
    DataError,
    Examples,
    QuestionExamples,
    Span,
    TaggedExamples,
    fold_indices,
    select,
)


def test_select_picks_all_columns_of_any_examples():
    pairs = Examples(["a", "b"], ["c", "d"], ["x", "y"], "f.tsv", [2, 3])
    assert select(pairs, [1]) == Examples(["b"], ["d"], ["y"], "f.tsv", [3])
    tagged = TaggedExamples(["a", "b"], [[Span(0, 1, "X")], []], None)
    assert select(tagged, [0]).entities == [[(0, 1, "X")]]
    asked = QuestionExamples(["q", "r"], ["c", "d"], [[Answer("c", 0)], []])
    assert select(asked, [1, 0]).contexts == ["d", "c"]


def test_each_example_is_held_out_once():
    texts = [f"text {n}" for n in range(17)]
    folds = fold_indices(Examples(texts), 4, seed=3)
    assert sorted(len(fold) for fold in folds) == [4, 4, 4, 5]
    assert sorted(np.concatenate(folds).tolist()) == list(range(17))
    again = fold_indices(Examples(texts), 4, seed=3)
    assert all(map(np.array_equal, folds, again))
    other = fold_indices(Examples(texts), 4, seed=4)
    assert not all(map(np.array_equal, folds, other))


@pytest.mark.parametrize("classes", [None, [0, 1] * 6])
def test_equal_texts_stay_in_one_fold(classes):
    examples = Examples(["a", "b", "c", "d", "e", "f"] * 2)
    for fold in fold_indices(examples, 3, classes=classes):
        assert {n % 6 for n in fold} == {n - 6 for n in fold if n >= 6}


def test_questions_about_one_context_stay_in_one_fold():
    asked = QuestionExamples(["1", "2", "3", "4"], ["x", "y", "x", "y"])
    assert sorted(f.tolist() for f in fold_indices(asked, 2)) == [
        [0, 2],
        [1, 3],
    ]


def test_each_fold_has_its_share_of_every_class():
    classes = np.array([0] * 12 + [1] * 6 + [2] * 2)
    folds = fold_indices(
        Examples([str(n) for n in range(20)]), 3, classes=classes
    )
    counts = [np.bincount(classes[f], minlength=3).tolist() for f in folds]
    assert [count[:2] for count in counts] == [[4, 2]] * 3 or (
        max(count[0] for count in counts) - min(c[0] for c in counts) <= 1
    )
    assert sum(count[2] for count in counts) == 2


def test_classes_rarer_than_folds_are_dealt_all_the_same():
    folds = fold_indices(
        Examples([str(n) for n in range(6)]), 3, classes=[0, 1, 2, 3, 4, 5]
    )
    assert [len(fold) for fold in folds] == [2, 2, 2]


@pytest.mark.parametrize("folds", [1, 4])
def test_too_few_texts(folds):
    with pytest.raises(DataError, match=r"from 2 to 3 folds.*folds="):
        fold_indices(Examples(["a", "b", "c", "c"]), folds)


def test_weights_are_selected():
    weighted = Examples(["a", "b", "c"], weights=np.array([1, 2, 3.0]))
    assert select(weighted, [2, 0]).weights.tolist() == [3, 1]
    assert weighted.select(iter([1])).weights.tolist() == [2]
