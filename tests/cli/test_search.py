"""`bert-keras index` and `search`, on a tiny embedder."""

import json

import pytest
from tiny_task import write_tsv

from bert_keras.tasks import TextEmbedder

TEXTS = ["a good film", "the bad play", "not very dull"]


@pytest.fixture
def embedder(tiny_checkpoint, tmp_path):
    return TextEmbedder.from_handle(tiny_checkpoint).save(tmp_path / "task")


def test_a_text_finds_itself(bert_keras, embedder, tmp_path):
    file = write_tsv(tmp_path / "a.tsv", [[text] for text in TEXTS], ["text"])
    made = bert_keras("index", embedder, file, tmp_path / "index", "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["texts"] == 3
    found = bert_keras(
        "search", tmp_path / "index", *TEXTS, "--count", "1", "--json"
    )
    rows = [json.loads(line) for line in found.out.splitlines()]
    assert [row["query"] for row in rows] == TEXTS
    assert [row["found"][0]["text"] for row in rows] == TEXTS
    assert [row["found"][0]["score"] for row in rows] == pytest.approx([1] * 3)
    plain = bert_keras("search", tmp_path / "index", TEXTS[0], "--count", "1")
    assert plain.out == "1.0000\ta good film\n"


def test_bad_input(bert_keras, embedder, tiny_task_folder, tmp_path):
    file = write_tsv(tmp_path / "a.tsv", [["a"]], ["text"])
    ended = bert_keras("index", tiny_task_folder, file, tmp_path / "index")
    assert ended.code == 2
    assert "Expected an embedder" in ended.err
    ended = bert_keras("index", embedder, file, tmp_path)
    assert ended.code == 2
    assert "Expected a new folder" in ended.err
    ended = bert_keras("search", tmp_path, "query")
    assert ended.code == 2
    assert "index.json" in ended.err
