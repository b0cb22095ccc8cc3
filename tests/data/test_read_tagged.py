"""Tagging data of every form, and what is wrong with it."""

import itertools
import json
import logging

import numpy as np
import pytest

from bert_keras.data import DataError, Span, TaggedExamples, read_tagged
from bert_keras.data.tags import detect_scheme, tag_spans

SCHEMES = {
    "IO": "PER PER O LOC LOC",
    "IOB1": "I-PER I-PER O I-LOC I-LOC",
    "IOB2": "B-PER I-PER O B-LOC I-LOC",
    "BIOES": "B-PER E-PER O B-LOC E-LOC",
}
SPANS = [Span(0, 2, "PER"), Span(3, 5, "LOC")]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_schemes_are_seen_and_read_alike(scheme):
    tags = SCHEMES[scheme].split()
    assert detect_scheme([tags]) == scheme
    assert tag_spans(tags, scheme) == (SPANS, [])


@pytest.mark.parametrize(
    "tags", ["B-PER L-PER O B-LOC L-LOC", "B-PER E-PER O B-LOC E-LOC"]
)
def test_other_spellings_of_bioes(tags):
    assert tag_spans(tags.split(), "BIOES") == (SPANS, [])
    assert tag_spans(["U-PER", "B-X", "M-X", "E-X"], "BIOES")[0] == [
        Span(0, 1, "PER"),
        Span(1, 4, "X"),
    ]


def test_neighbours_of_one_type():
    spans = [Span(0, 1, "A"), Span(1, 3, "A")]
    assert tag_spans(["B-A", "B-A", "I-A"], "IOB2") == (spans, [])
    assert tag_spans(["I-A", "B-A", "I-A"], "IOB1") == (spans, [])
    assert tag_spans(["A", "A", "A"], "IO")[0] == [Span(0, 3, "A")]


@pytest.mark.parametrize(
    ("scheme", "tags", "spans", "faults"),
    [
        ("IOB2", "O I-A", [(1, 2, "A")], [1]),
        ("IOB2", "B-A I-B", [(0, 1, "A"), (1, 2, "B")], [1]),
        ("IOB2", "B-A what", [(0, 1, "A"), (1, 2, "what")], [1]),
        ("BIOES", "B-A O", [(0, 1, "A")], [0]),
        ("BIOES", "E-A O", [(0, 1, "A")], [0]),
        ("BIOES", "B-A S-A", [(0, 1, "A"), (1, 2, "A")], [0]),
    ],
)
def test_wrong_tags_keep_most_and_are_named(scheme, tags, spans, faults):
    found, wrong = tag_spans(tags.split(), scheme)
    assert found == [Span(*span) for span in spans]
    assert [at for at, _ in wrong] == faults


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def shown(data: TaggedExamples) -> list:
    return [
        [(text[start:end], label) for start, end, label in spans]
        for text, spans in zip(data.texts, data.entities, strict=True)
    ]


def test_columns(tmp_path):
    path = write(
        tmp_path / "a.conll",
        "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nis VBZ B-VP O\n\t\n"
        "Paris NNP B-NP B-LOC\n",
    )
    data = read_tagged(path)
    assert data.texts == ["EU is", "Paris"]
    assert shown(data) == [[("EU", "ORG")], [("Paris", "LOC")]]
    assert data.lines == [3, 6]
    chunks = read_tagged(path, label="2")
    assert shown(chunks)[0] == [("EU", "NP"), ("is", "VP")]


def test_wikiann_loses_its_language(tmp_path):
    path = write(tmp_path / "train", "en:St.\tB-LOC\nen:Ives\tI-LOC\nen:)\tO\n")
    assert shown(read_tagged(path)) == [[("St. Ives", "LOC")]]
    mixed = write(tmp_path / "mixed", "en:St.\tB-LOC\nIves\tI-LOC\n")
    assert shown(read_tagged(mixed)) == [[("en:St. Ives", "LOC")]]


def test_chinese_by_character(tmp_path):
    words = "在 北 京 用 P C ， 好"
    tags = "O B-LOC I-LOC O B-X I-X O O"
    lines = zip(words.split(), tags.split(), strict=True)
    path = write(tmp_path / "a.txt", "".join(f"{w} {t}\n" for w, t in lines))
    data = read_tagged(path)
    assert data.texts == ["在北京用PC，好"]
    assert shown(data) == [[("北京", "LOC"), ("PC", "X")]]


def test_chinese_by_word():
    data = read_tagged(
        [(["在", "北京", "用", "Python"], ["O", "B-A", "O", "O"])]
    )
    assert data.texts == ["在北京用 Python"]
    assert shown(data) == [[("北京", "A")]]


ROWS = [
    {"words": ["In", "Rome"], "tags": ["O", "B-LOC"]},
    {"tokens": ["In", "Rome"], "ner_tags": ["O", "B-LOC"]},
    {"text": "In Rome", "entities": [[3, 7, "LOC"]]},
    {"text": "In Rome", "label": [{"start": 3, "end": 7, "label": "LOC"}]},
]


@pytest.mark.parametrize("row", ROWS)
def test_json_lines_and_dicts(tmp_path, row):
    path = write(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    for data in (read_tagged(path), read_tagged([row])):
        assert data.texts == ["In Rome"]
        assert shown(data) == [[("Rome", "LOC")]]


def test_frames_are_an_example_each(tmp_path):
    row = {
        "words": ["a b", "gave", "took"],
        "frames": [
            {"index": 1, "bio": ["B-A0", "B-V", "O"]},
            {"index": 2, "bio": ["B-A0", "O", "B-V"]},
        ],
    }
    path = write(tmp_path / "a.jsonl", json.dumps(row))
    data = read_tagged(path)
    assert data.texts == ["a b gave took"] * 2
    # As `text.split()` counts, for which "a b" are two words.
    assert data.predicates == [2, 3]
    assert shown(data)[1] == [("a b", "A0"), ("took", "V")]
    assert data.lines == [1, 1]


def test_texts_to_answer():
    assert read_tagged(["a", "b"], labelled=False).texts == ["a", "b"]
    data = read_tagged([("a b", 1)], labelled=False)
    assert (data.texts, data.predicates, data.entities) == (["a b"], [1], None)
    data = read_tagged([("a b", [(0, 1, "X")])], labelled=False)
    assert (data.texts, data.predicates) == (["a b"], None)


BAD = """In O
Rome I-LOC

ragged

Rome B-LOC
"""


def test_bad_rows_are_counted_and_refused(tmp_path):
    path = write(tmp_path / "a.conll", BAD + "\nin O\nParis I-LOC\n")
    with pytest.raises(DataError) as caught:
        read_tagged(path)
    message = str(caught.value)
    assert "Received 3 bad rows" in message
    assert f"{path}:1: word 2, 'Rome': I-LOC without a B-LOC" in message
    assert f"{path}:4: 1 columns, but 2 in the first line" in message
    assert "--bad-rows skip" in message


def test_bad_rows_are_skipped_or_repaired(tmp_path, caplog):
    path = write(tmp_path / "a.conll", BAD)
    with caplog.at_level(logging.WARNING):
        data = read_tagged(path, bad_rows="skip")
    assert data.texts == ["Rome"]
    assert (data.left_out, data.repaired) == (2, 0)
    assert "Left out 2 bad rows" in caplog.text
    data = read_tagged(path, bad_rows="repair")
    assert shown(data) == [[("Rome", "LOC")], [("Rome", "LOC")]]
    assert (data.left_out, data.repaired) == (1, 1)
    with pytest.raises(ValueError, match="refuse, skip, repair"):
        read_tagged(path, bad_rows="hope")


def test_bad_frames_are_counted_by_line(tmp_path):
    words = {"words": ["Ada", "wrote"]}
    frames = [
        [{"index": 1, "bio": ["B-ARG0", "B-V"]}],
        [{"index": 2, "bio": ["B-ARG0", "B-V"]}],
        [{"index": "1", "bio": ["B-ARG0", "B-V"]}],
        [{"bio": ["B-ARG0", "B-V"]}],
        [{"index": 1}],
        None,
        ["wrote"],
        [{"index": 1, "bio": ["B-ARG0"]}, {"index": 1, "bio": ["O", "B-V"]}],
        [],
    ]
    lines = [json.dumps(words | {"frames": found}) for found in frames]
    path = write(tmp_path / "a.jsonl", "\n".join(lines) + "\n")
    with pytest.raises(DataError) as caught:
        read_tagged(path)
    message = str(caught.value)
    assert "Received 7 bad rows" in message
    assert f"{path}:2: predicate 2 of 2 words" in message
    assert f"{path}:4: expected frames such as" in message
    data = read_tagged(path, bad_rows="skip")
    assert (data.lines, data.left_out) == ([1, 8], 7)


@pytest.mark.parametrize(
    ("span", "kept"),
    [
        ((3, 70, "LOC"), []),
        ((-1, 2, "LOC"), []),
        ((3, 3, "LOC"), []),
        ((2, 8, "LOC"), [("Rome", "LOC")]),
    ],
)
def test_spans_that_are_no_part_of_the_text(span, kept):
    source = [("In Rome now", [span])]
    with pytest.raises(DataError, match="1 bad row"):
        read_tagged(source)
    assert shown(read_tagged(source, bad_rows="repair")) == [kept]


def test_spans_that_overlap():
    source = [("In Rome", [(3, 7, "LOC"), (0, 4, "X")])]
    with pytest.raises(DataError, match="overlaps with"):
        read_tagged(source)
    assert shown(read_tagged(source, bad_rows="repair")) == [[("In R", "X")]]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a text", "Expected a path|Expected a file"),
        ([("a", "b", "c", "d")], r"expected \(words, tags\)"),
        ([(["a"], ["O", "O"])], "1 words with 2 tags"),
        ([(["a", " "], ["O", "O"])], "an empty word"),
        ([(["a"], [3])], "expected tags such as"),
        ([("a", [(0, 1, 7)])], "label 7 is not a name"),
        ([("a", [(0.5, 1, "X")])], "not consist of integers"),
        ([("a", [(False, 1, "X")])], "not consist of integers"),
        ([("a", [(0, 1)])], "not enough values"),
        ([("\ud800", [])], "a lone surrogate"),
        ([(["a"], 5, ["O"])], "predicate 5 of 1 words"),
        ([("a b", 2, [(0, 1, "X")])], "predicate 2 of 2 words"),
        ([(["a"], "0", ["O"])], "predicate '0' of 1 words"),
        ([{"what": 1}], "the keys 'words', 'tokens', 'text'"),
        ({"text": ["a"]}, "Expected a list"),
        ([], "at least one text"),
        ([("a", []), ("a", 0, [])], "a predicate for every text or for none"),
    ],
)
def test_what_cannot_be_read(source, message):
    with pytest.raises(DataError, match=message):
        read_tagged(source)


@pytest.mark.parametrize(
    "table",
    [
        "text\tlabel\nfine\tgood\n",
        "id,Sentence,category\n1,fine,good\n",
        "a fine film\tgood\ndull\tbad\nso so\tbad\n",
    ],
)
def test_a_table_of_texts_is_no_column_of_words(tmp_path, table):
    path = write(tmp_path / "train.tsv", table)
    with pytest.raises(DataError, match="bert-keras train classifier"):
        read_tagged(path, bad_rows="repair")


def test_a_few_words_hold_a_space(tmp_path):
    path = write(tmp_path / "a", "text\tO\n10 000\tB-N\nclass\tO\n")
    assert shown(read_tagged(path)) == [[("10 000", "N")]]


def test_columns_that_are_not_there(tmp_path):
    path = write(tmp_path / "a.conll", "one O\n")
    with pytest.raises(DataError, match="in columns 0 and 5"):
        read_tagged(path, label="5")
    with pytest.raises(DataError, match="a column number"):
        read_tagged(path, label="tags")
    path = write(tmp_path / "b.conll", "\n\n")
    with pytest.raises(DataError, match="Received 0 columns"):
        read_tagged(path)


@pytest.mark.parametrize(
    ("source", "labels"),
    [
        (["In Rome"], [[(3, 7, "LOC")]]),
        (["In Rome"], [[{"start": 3, "end": 7, "label": "LOC"}]]),
        (["In Rome"], [["O", "B-LOC"]]),
        (["In Rome"], np.array([["O", "B-LOC"]])),
        ([["In", "Rome"]], [["O", "B-LOC"]]),
        (np.array(["In Rome"]), [("O", "B-LOC")]),
        ((text for text in ["In Rome"]), iter([["O", "B-LOC"]])),
        ([b"In Rome"], [[b"O", b"B-LOC"]]),
    ],
)
def test_labels_beside_texts(source, labels):
    data = read_tagged(source, labels, [0.5])
    assert data.texts == ["In Rome"]
    assert shown(data) == [[("Rome", "LOC")]]
    assert data.weights.tolist() == [0.5]


def test_tags_of_a_text_leave_it_as_it_is():
    data = read_tagged(["在 北京  ok "], [["O", "B-LOC", "O"]])
    assert data.texts == ["在 北京  ok "]
    assert shown(data) == [[("北京", "LOC")]]
    assert data.word_starts == [[0, 2, 3, 6]]


def test_labels_beside_texts_with_predicates():
    data = read_tagged([("Ada wrote", 1)], [["B-ARG0", "O"]])
    assert (data.texts, data.predicates) == (["Ada wrote"], [1])
    assert shown(data) == [[("Ada", "ARG0")]]


def test_weights_stay_with_their_texts(tmp_path):
    rows = [(["a"], ["O"]), (["b"], ["O", "O"]), (["c"], ["O"])]
    data = read_tagged(rows, sample_weight=[1, 2, 3], bad_rows="skip")
    assert (data.texts, data.weights.tolist()) == (["a", "c"], [1, 3])
    frames = {
        "words": ["a"],
        "frames": [{"index": 0, "bio": ["O"]}] * 2,
        "sample_weight": 2,
    }
    path = write(tmp_path / "a.jsonl", json.dumps(frames))
    for source in (path, [frames]):
        assert read_tagged(source).weights.tolist() == [2, 2]
    del frames["sample_weight"]
    assert read_tagged([frames], None, [3]).weights.tolist() == [3, 3]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((["a", "b"], [[]]), "2 texts and 1 of `labels`"),
        ((["a"], [[]], [1, 2]), "1 texts and 2 of `sample_weight`"),
        ((["a"], [[]], [-1]), "index 0: expected a sample weight"),
        ((["a"], [[]], [None]), "index 0: expected a sample weight"),
        ((["a"], ["O"]), "one text as labels, 'O'"),
        ((["a b"], [["O"]]), "2 words with 1 tags"),
        (([{"text": "a"}], [["O"]]), "neither a text nor words"),
        (([None], [["O"]]), "neither a text nor words, None"),
        (("a.conll", [["O"]]), "along with `labels`"),
        ((["a"], "dev.conll"), "Pass validation data by name"),
    ],
)
def test_what_stands_beside_texts_and_is_refused(given, message):
    with pytest.raises(DataError, match=message):
        read_tagged(*given)


@pytest.mark.parametrize(
    "source", [[None], [["In", "Rome"]], [b"\xff"], [("a b", "c d")]]
)
def test_what_is_no_text_to_answer(source):
    with pytest.raises(DataError, match="index 0: "):
        read_tagged(source, labelled=False)


def test_limit():
    rows = itertools.cycle([(["a"], ["O"]), (["b"], ["O"])])
    assert read_tagged(rows, limit=3).texts == ["a", "b", "a"]
    assert read_tagged(["a", "b"], [[], []], limit=1).texts == ["a"]


WORDS, TAGS = [["In", "Rome"]], [["O", "B-LOC"]]


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize(
    "elements",
    [
        (["In Rome"], TAGS),
        (WORDS, TAGS),
        (["In Rome"], TAGS, [0.5]),
        {"words": WORDS, "ner_tags": TAGS, "sample_weight": [0.5]},
    ],
)
def test_datasets(elements, batch):
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices(elements).repeat()
    with pytest.raises(DataError, match="steps_per_epoch"):
        read_tagged(dataset)
    data = read_tagged(dataset.batch(2) if batch else dataset, limit=2)
    assert data.texts == ["In Rome"] * 2
    assert shown(data) == [[("Rome", "LOC")]] * 2
    weighted = len(elements) == 3
    assert (data.weights.tolist() if weighted else []) == [0.5, 0.5] * weighted


def test_datasets_of_other_forms():
    tf = pytest.importorskip("tensorflow")
    slices = tf.data.Dataset.from_tensor_slices
    data = read_tagged(slices((["Ada wrote"], [1], [["B-ARG0", "O"]])))
    assert (data.predicates, shown(data)) == ([1], [[("Ada", "ARG0")]])
    ragged = slices((tf.ragged.constant([["a"], ["b", "c"]]),) * 2).batch(2)
    assert read_tagged(ragged).texts == ["a", "b c"]
    for texts in (slices(["a", "b"]), slices(["a", "b"]).batch(2)):
        assert read_tagged(texts, labelled=False).texts == ["a", "b"]
    labelled = slices((["In Rome"], TAGS))
    assert read_tagged(labelled, labelled=False).texts == ["In Rome"]
    with pytest.raises(DataError, match="index 0: expected a text"):
        read_tagged(slices((WORDS, TAGS)), labelled=False)
    with pytest.raises(DataError, match=r"\(text, tags\).*\(string, float32\)"):
        read_tagged(slices((["a"], [1.0])))
