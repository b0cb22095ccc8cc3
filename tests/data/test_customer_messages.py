"""The bundled data set is what its README says."""

import collections
import re

import pytest

from bert_keras.data import infer_labels, read_examples

FOLDER = "pkg://bert_keras/data/customer_messages"
LABELS = (
    "account_access",
    "cancel_order",
    "delivery_problem",
    "order_status",
    "payment_problem",
    "product_question",
    "refund",
    "return_item",
)


def words(text):
    """Returns the words of a text, without case and punctuation."""
    return re.findall(r"\w+", text.casefold())


@pytest.fixture(scope="module")
def splits():
    return [read_examples(f"{FOLDER}/{name}.tsv") for name in ("train", "dev")]


def test_counts_and_balance(splits):
    for examples, each in zip(splits, (88, 20), strict=True):
        assert infer_labels(examples) == LABELS
        assert set(collections.Counter(examples.labels).values()) == {each}


def test_lengths(splits):
    lengths = [len(text.split()) for part in splits for text in part.texts]
    assert min(lengths) == 3
    assert max(lengths) == 40


def test_no_message_occurs_twice(splits):
    seen = [" ".join(words(text)) for part in splits for text in part.texts]
    assert len(set(seen)) == len(seen) == 864


def test_no_message_of_dev_resembles_one_of_train(splits):
    train, dev = ([set(words(text)) for text in p.texts] for p in splits)
    shared = max(len(a & b) / len(a | b) for a in train for b in dev)
    assert shared <= 0.6  # "Where is my order?" and "where is my refund"


def test_no_stray_spaces(splits):
    for examples in splits:
        assert all(text == text.strip() for text in examples.texts)
