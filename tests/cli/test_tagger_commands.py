"""The tagger from the command line: columns in, entities out, bad rows said."""

import json

import pytest

CONLL = (
    """the O
good B-FILM
film I-FILM
is O
dull O

play O
, O
bad B-FILM
film I-FILM
! O

"""
    * 6
)
ROLES = [
    {
        "words": ["the", "film", "is", "good"],
        "frames": [{"index": 2, "bio": ["B-A1", "I-A1", "B-V", "B-A2"]}],
    },
    {
        "words": ["play", "a", "film"],
        "frames": [{"index": 0, "bio": ["B-V", "B-A1", "I-A1"]}],
    },
] * 8
LIVELY = ("--epochs", 8, "--batch-size", 4, "--learning-rate", 0.01)


def train(run, checkpoint, data, out, *more):
    return run(
        "train",
        "tagger",
        "--encoder",
        checkpoint,
        "--train",
        data,
        "--dev",
        data,
        "--out",
        out,
        *LIVELY,
        *more,
    )


def test_from_columns_to_a_served_answer(bert_keras, tiny_checkpoint, tmp_path):
    data, out = tmp_path / "data.conll", tmp_path / "run"
    data.write_text(CONLL)
    ended = train(bert_keras, tiny_checkpoint, data, out, "--crf")
    assert ended.code == 0, ended.err
    problem = json.loads((out / "task.json").read_text())["problem"]
    assert problem["crf"] is True
    assert "12 examples · precision 1.000" in ended.out
    asked = bert_keras("export", out, tmp_path / "served")
    assert asked.code == 0, asked.err
    assert "in a process of its own, equal the task's" in asked.err
    answers = [
        bert_keras("predict", place, "the good film is dull", "--json").out
        for place in (out, tmp_path / "served")
    ]
    for answer in map(json.loads, answers):
        (entity,) = answer["entities"]
        assert entity["score"] > 0.3
        assert (entity["text"], entity["start"], entity["end"]) == (
            "good film",
            4,
            13,
        )
    plain = bert_keras("predict", out, "the good film is dull", "dull").out
    assert plain.splitlines() == [
        "FILM: good film\tthe good film is dull",
        "\tdull",
    ]
    measured = [
        json.loads(bert_keras("evaluate", place, data, "--json").out)
        for place in (out, tmp_path / "served")
    ]
    assert measured[0] == measured[1]
    assert measured[0]["f1"] == 1.0


def test_roles(bert_keras, tiny_checkpoint, tmp_path):
    data, out = tmp_path / "data.jsonl", tmp_path / "run"
    data.write_text("".join(json.dumps(row) + "\n" for row in ROLES))
    ended = train(bert_keras, tiny_checkpoint, data, out)
    assert ended.code == 0, ended.err
    assert " A1 " in ended.out and " V " not in ended.out
    asked = bert_keras("predict", out, "the film is good", 2, "--json")
    answer = json.loads(asked.out)
    assert answer["predicate"] == 2
    assert "V" in {entity["label"] for entity in answer["entities"]}
    rows = [{"text": "the film is good", "predicate": 2}]
    asked = tmp_path / "asked.jsonl"
    asked.write_text("".join(json.dumps(row) + "\n" for row in rows))
    read = bert_keras("predict", out, "--input", asked, "--json")
    assert json.loads(read.out) == answer, read.err
    asked = bert_keras("predict", out, "the film is good", "is")
    assert asked.code == 2
    assert "the number of a word" in asked.err


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (
            "a B-X\nb O\nc I-X\n",
            ["data.conll:1: word 3, 'c'", "--bad-rows skip"],
        ),
        ("a O\nb\n", ["data.conll:2: 1 columns"]),
        ("a\nb\n", ["a word and its tag", "--label-column"]),
        ("a O\n\nb O\n", ["at least 1 different labels"]),
        ("", ["a word and its tag"]),
    ],
)
def test_bad_files(bert_keras, tiny_checkpoint, tmp_path, content, parts):
    data = tmp_path / "data.conll"
    data.write_text(content)
    ended = train(bert_keras, tiny_checkpoint, data, tmp_path / "run")
    assert ended.code == 2
    assert "Traceback" not in ended.err
    for part in parts:
        assert part in ended.err
    assert not (tmp_path / "run").exists()
