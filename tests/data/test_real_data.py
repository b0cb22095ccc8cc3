"""Published data sets are read as their makers count them."""

import pytest

from bert_keras.data import read_examples, stream_texts

pytestmark = pytest.mark.data

COUNTS = {
    "sst2/train.tsv": 67_349,
    "sst2/dev.tsv": 872,
    "banking77/train.csv": 10_003,
    "banking77/test.csv": 3_080,
    "mrpc/train.tsv": 4_076,
    "mrpc/test.tsv": 1_725,
    "stsb/train.tsv": 5_749,
    "stsb/dev.tsv": 1_500,
    "chnsenticorp/dev.tsv": 1_200,
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(data, name):
    path = data / name
    examples = read_examples(path)
    assert len(examples) == COUNTS[name]
    assert (examples.texts_b is not None) == (name[:4] in ("mrpc", "stsb"))
    streamed = stream_texts(path)
    assert [text for text, _ in streamed] == examples.texts
