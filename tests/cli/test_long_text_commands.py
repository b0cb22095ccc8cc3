"""Commands on texts that are longer than a row."""

import json

import pytest
from tiny_task import LONG, write_tsv

from bert_keras.checkpoints import read_checkpoint
from bert_keras.export import convert
from bert_keras.export.writers.errors import ConversionError
from bert_keras.tasks import load_task


@pytest.fixture
def train(bert_keras, tiny_checkpoint, tmp_path):
    data = write_tsv(tmp_path / "train.tsv", LONG)

    def train(*more):
        return bert_keras(
            *("train", "classifier", "--encoder", tiny_checkpoint),
            *("--train", data, "--dev", data, "--out", tmp_path / "run"),
            *("--batch-size", 4, "--epochs", 1, *more),
        )

    return train


def test_by_default_texts_are_cut_and_counted(train, caplog):
    ended = train("--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert found["long_texts"] == {
        "texts": 16,
        "longer": 8,
        "truncated": 8,
        "lost_tokens": 4 * (81 - 12) + 4 * (37 - 12),
        "windows": "first",
        "sequences": 16,
        "max_length": 14,
    }
    assert found["metrics"]["long_texts"] == found["long_texts"]
    assert (
        "8 of 16 texts are longer than 14 tokens and were truncated"
        in caplog.text
    )


def test_windows_from_training_to_another_format(train, tmp_path, bert_keras):
    ended = train("--windows", "attention", "--stride", 8, "--max-windows", 6)
    assert ended.code == 0, ended.err
    line = (
        "8 of 16 texts are longer than 14 tokens and were read in windows: 52 "
        "sequences for all texts. Even so, 4 were truncated: 116 tokens were "
        "not read."
    )
    assert f"training: {line}" in ended.out
    printed = bert_keras("evaluate", tmp_path / "run", tmp_path / "train.tsv")
    assert line in " ".join(printed.out.split())

    task = load_task(tmp_path / "run")
    windows = {"windows": "attention", "stride": 8, "max_windows": 6}
    assert task.problem.long_text.to_dict() == windows
    assert read_checkpoint(tmp_path / "run").windows == windows
    with pytest.raises(ConversionError, match="windows='attention'"):
        convert(tmp_path / "run", tmp_path / "hf", format="huggingface")
    kept = convert(tmp_path / "run", tmp_path / "kept", format="bert_keras")
    texts = [text for text, _ in LONG[:4]]
    again = load_task(kept, max_length=14, pair=False)
    assert again.predict(texts) == task.predict(texts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--windows", "last"), "Expected `windows` to be one of first, mean"),
        (("--stride", 5), "Expected no `stride` where texts are truncated"),
        (("--windows", "max", "--stride", 0), "`stride` to be at least 1"),
    ],
)
def test_bad_options(train, tmp_path, options, message):
    ended = train(*options)
    assert ended.code == 2
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "run").exists()
