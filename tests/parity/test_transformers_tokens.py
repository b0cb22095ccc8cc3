"""Taggers and question answerers of transformers; `make test-torch`.

What is best is found here by trying all that can be, from its logits.
"""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_contents import PIECES

import bert_keras as bk

pytestmark = pytest.mark.torch

SCRIPT = Path(__file__).with_name("transformers_tokens_reference.py")
TAGS = ["I-PER", "O", "B-LOC", "B-PER", "I-LOC"]
TEXTS = [
    "the film is good",
    "unplayable CAFÉ, 東京!",
    "a bad play, played",
    "Film? 12 plays",
]
QUESTIONS = [
    ["film?", "the film is good, a bad play"],
    ["is the CAFÉ good", "unplayable café. 東京 is a good play!"],
    ["play", "a film played, 12 films"],
]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("tokens")
    (root / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    for name, values in (
        ("labels", TAGS),
        ("texts", TEXTS),
        ("questions", QUESTIONS),
    ):
        (root / f"{name}.json").write_text(json.dumps(values))
    subprocess.run([sys.executable, SCRIPT, root], check=True)
    return root


def entities_of(text, said):
    """The best of all ways to tag the words by their first pieces."""
    firsts = [
        place
        for place, word in enumerate(said["words"])
        if word is not None and word != said["words"][place - 1]
    ]
    last = {word: place for place, word in enumerate(said["words"])}
    logits = np.array(said["logits"])[firsts]
    log_probabilities = logits - np.logaddexp.reduce(
        logits, axis=1, keepdims=True
    )
    ways = itertools.product(range(len(TAGS)), repeat=len(firsts))
    best = max(
        (way for way in ways if _may_be([TAGS[tag] for tag in way])),
        key=lambda way: log_probabilities[range(len(way)), way].sum(),
    )
    found = []
    for place, tag in zip(firsts, best, strict=True):
        start = said["offsets"][place][0]
        end = said["offsets"][last[said["words"][place]]][1]
        if TAGS[tag].startswith("B-"):
            found.append([TAGS[tag][2:], start, end])
        elif TAGS[tag] != "O":
            found[-1][2] = end
    return [(label, text[start:end]) for label, start, end in found]


def _may_be(tags):
    return all(
        not tag.startswith("I-") or before[2:] == tag[2:]
        for before, tag in zip(["O", *tags], tags, strict=False)
    )


def test_a_tagger_answers_the_same(root, compare):
    task = bk.load_task(root / "tags")
    assert task.labels == ("PER", "LOC")
    order = [
        TAGS.index(tag) for tag in ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    ]
    kinds = set()
    rows = json.loads((root / "tags.json").read_text())
    for text, said in zip(TEXTS, rows, strict=True):
        received = task.network(task.preprocessor([text]))[0]
        compare("logits", received, np.array(said["logits"])[:, order])
        found = task.predict([text])[0]["entities"]
        expected = entities_of(text, said)
        assert [(e["label"], e["text"]) for e in found] == expected
        kinds |= {label for label, _ in expected}
    assert kinds == {"PER", "LOC"}


def answer_of(context, said):
    """The best of all chunks of the context, at most 30 pieces long."""
    logits = np.array(said["logits"])
    inside = [i for i, part in enumerate(said["parts"]) if part == 1]
    start, end = max(
        (
            (one, other)
            for one in inside
            for other in inside
            if one <= other < one + 30
        ),
        key=lambda pair: logits[pair[0], 0] + logits[pair[1], 1],
    )
    return context[said["offsets"][start][0] : said["offsets"][end][1]]


def test_a_question_answerer_answers_the_same(root, compare):
    task = bk.load_task(root / "span")
    assert task.preprocessor.max_length == 40
    rows = json.loads((root / "span.json").read_text())
    for (question, context), said in zip(QUESTIONS, rows, strict=True):
        received = task.network(task.preprocessor([question], [context]))[0]
        compare("logits", received, said["logits"])
        found = task.predict([(question, context)])[0]
        assert found["answer"] == answer_of(context, said)
