"""Small models from where they really are: `pytest -m network`."""

import pytest

from bert_keras.checkpoints import describe

pytestmark = pytest.mark.network


@pytest.mark.parametrize(
    "handle",
    [
        "hf://google/bert_uncased_L-2_H-128_A-2",
        "https://storage.googleapis.com/bert_models/2020_02_20/"
        "uncased_L-2_H-128_A-2.zip",
        "gs://bert_models/2020_02_20/uncased_L-2_H-128_A-2.zip",
        "https://tfhub.dev/tensorflow/small_bert/bert_en_uncased_L-2_H-128_A-2/2",
    ],
)
def test_a_small_bert(handle):
    found = describe(handle)
    assert found["architecture"]["num_hidden_layers"] == 2
    assert found["architecture"]["hidden_size"] == 128
    assert found["vocabulary"] == 30522
    assert found["pin"].startswith("#sha256=")
