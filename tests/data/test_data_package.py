"""The container, the cost of importing it, and the documented examples."""

import doctest
import importlib
import subprocess
import sys

import pytest

from bert_keras.data import Examples

MODULES = (
    "arrays columns datasets delimited errors hold_out examples files jsonl "
    "labels memory read stream table weights"
).split()


def test_select_keeps_columns_together():
    examples = Examples(
        ["a", "b", "c"], ["d", "e", "f"], ["x", "y", "z"], "a.tsv", [2, 3, 5]
    )
    chosen = examples.select([2, 0])
    assert chosen.texts == ["c", "a"]
    assert chosen.texts_b == ["f", "d"]
    assert chosen.labels == ["z", "x"]
    assert chosen.where(0) == "a.tsv:5"
    assert len(chosen) == 2


def test_columns_must_be_of_equal_length():
    with pytest.raises(ValueError, match="`labels` to be as long as `texts`"):
        Examples(["a", "b"], labels=["x"])


def test_import_is_cheap():
    code = (
        "import sys, bert_keras.data; "
        "print({'tensorflow', 'pandas', 'tensorflow_datasets'} "
        "& set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name):
    module = importlib.import_module(f"bert_keras.data.{name}")
    failed, _ = doctest.testmod(module)
    assert failed == 0
