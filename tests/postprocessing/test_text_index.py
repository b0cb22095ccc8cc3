import json

import numpy as np
import pytest

from bert_keras.postprocessing import TextIndex, nearest, write_index
from bert_keras.postprocessing import nearest as nearest_function

TEXTS = ["east", "north\nline \u2028 two", "north-east"]
VECTORS = np.array([[2.0, 0.0], [0.0, 5.0], [1.0, 1.0]], np.float32)


@pytest.fixture
def folder(tmp_path):
    parts = [(TEXTS[:2], VECTORS[:2]), (TEXTS[2:], VECTORS[2:])]
    assert write_index(tmp_path / "index", parts, model="m") == 3
    return tmp_path / "index"


def test_the_nearest_come_first(folder):
    index = TextIndex.open(folder)
    assert index.texts == TEXTS
    assert index.model == "m"
    (north,) = index.search(np.array([[0.0, 7.0]]), 2)
    assert [found["text"] for found in north] == [TEXTS[1], TEXTS[2]]
    assert [found["index"] for found in north] == [1, 2]
    assert [found["score"] for found in north] == pytest.approx([1, 0.5**0.5])


def test_there_may_be_fewer_texts_than_top_k(folder):
    (nearest_texts,) = TextIndex.open(folder).search(VECTORS[:1], 10)
    assert [found["text"] for found in nearest_texts] == [
        "east",
        "north-east",
        TEXTS[1],
    ]


@pytest.mark.parametrize("top_k", [1, 3, 40])
def test_blocks_do_not_matter(monkeypatch, top_k):
    random = np.random.default_rng(0)
    queries, vectors = random.normal(size=(5, 4)), random.normal(size=(30, 4))
    products = queries @ vectors.T
    monkeypatch.setitem(nearest_function.__globals__, "_BLOCK", 7)
    indices, found = nearest(queries, vectors, top_k)
    expected = np.argsort(-products, axis=1)[:, :top_k]
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_allclose(
        found, np.take_along_axis(products, expected, axis=1)
    )


def test_nothing_is_left_of_an_index_that_failed(tmp_path):
    def parts():
        yield TEXTS, VECTORS
        raise ValueError("bad line")

    with pytest.raises(ValueError, match="bad line"):
        write_index(tmp_path / "index", parts(), model="m")
    with pytest.raises(ValueError, match="Received none"):
        write_index(tmp_path / "index", [], model="m")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_or_used_folder_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match="is not empty"):
        write_index(folder, [(TEXTS, VECTORS)], model="m")
    (folder / "vectors.f32").write_bytes(b"1234")
    with pytest.raises(ValueError, match="Create the index again"):
        TextIndex.open(folder)
    with pytest.raises(ValueError, match=r"contains index\.json"):
        TextIndex.open(tmp_path)


def test_what_is_written_is_json(folder):
    lines = (folder / "texts.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == TEXTS
