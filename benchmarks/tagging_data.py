"""What both sides of the tagging benchmark share: sentences and the score.

Read and scored by the project's own functions, which need neither TensorFlow
nor Keras, so that both interpreters learn from the same sentences and are
measured by the same spans of characters.
"""

import argparse
import dataclasses
import os
import random
from pathlib import Path

import shared

from bert_keras.data.conll import conll_sentences
from bert_keras.data.files import read_lines
from bert_keras.data.tagged import (
    TaggedExamples,
    are_characters,
    join_words,
    word_starts,
)
from bert_keras.data.tags import Span, detect_scheme, tag_spans
from bert_keras.metrics import entity_metrics

SCORES = ("precision", "recall", "f1", "macro_f1")


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Where a data set lies, and how it is learned."""

    train: str
    dev: str
    epochs: int
    learning_rate: float


DATASETS = {
    "wnut17": Dataset(
        "wnut17/wnut17train.conll", "wnut17/emerging.test.annotated", 5, 1e-4
    ),
    "wikiann_en": Dataset("wikiann_en/train", "wikiann_en/test", 3, 1e-4),
    "peopledaily": Dataset(
        "peopledaily_ner/train.txt", "peopledaily_ner/dev.txt", 2, 1e-4
    ),
}


@dataclasses.dataclass(frozen=True)
class Sentences:
    """Words with their places in the text, and the entities.

    Attributes:
        words: Of each sentence.
        places: (start, end) of each word in the text.
        tags: IOB2, of each word.
        examples: The same as texts and spans of characters.
    """

    words: list[list[str]]
    places: list[list[tuple[int, int]]]
    tags: list[list[str]]
    examples: TaggedExamples

    def __len__(self) -> int:
        return len(self.words)


def read(file: str, count: int | None) -> Sentences:
    """Reads sentences; `count` of them, the same whatever the seed."""
    path = Path(os.environ["BERT_KERAS_DATA"]) / file
    rows = conll_sentences(read_lines(path, file), file)
    by_character = are_characters([row.words for row in rows])
    scheme = detect_scheme(row.tags for row in rows)
    if count is not None and count < len(rows):
        rows = random.Random(0).sample(rows, count)
    spans = [tag_spans(row.tags, scheme)[0] for row in rows]
    joined = [join_words(r.words, by_character=by_character) for r in rows]
    places = [found for _, found in joined]
    return Sentences(
        [row.words for row in rows],
        places,
        [iob2(len(r.words), s) for r, s in zip(rows, spans, strict=True)],
        TaggedExamples(
            [text for text, _ in joined],
            [characters(*pair) for pair in zip(spans, places, strict=True)],
            word_starts=[
                word_starts(row.words, found)
                for row, found in zip(rows, places, strict=True)
            ],
            source=file,
        ),
    )


def iob2(words: int, spans: list[Span]) -> list[str]:
    """Returns spans of words as tags."""
    tags = ["O"] * words
    for start, end, label in spans:
        tags[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return tags


def characters(spans: list[Span], places: list) -> list[Span]:
    """Returns spans of words as spans of characters."""
    return [
        Span(places[a][0], places[b - 1][1], label) for a, b, label in spans
    ]


def score(sentences: Sentences, found: list[list[Span]], labels) -> dict:
    """Returns the figures that are compared."""
    numbers = entity_metrics(sentences.examples.entities, found, labels)
    return {name: numbers[name] for name in SCORES}


def parse_arguments(description: str) -> argparse.ArgumentParser:
    """Returns a parser with the options that both sides have."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--dataset", choices=DATASETS, default="wnut17")
    parser.add_argument("--rows", type=int, help="of the training file")
    parser.add_argument("--dev-rows", type=int, help="of the scored file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--handle", default=shared.HANDLE)
    return parser


def prepare(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Returns the options, and the sentences as `train` and `dev`."""
    args = parser.parse_args()
    if "BERT_KERAS_DATA" not in os.environ:
        parser.error("set BERT_KERAS_DATA to the folder of real data")
    dataset = DATASETS[args.dataset]
    args.epochs = args.epochs or dataset.epochs
    args.learning_rate = args.learning_rate or dataset.learning_rate
    args.train = read(dataset.train, args.rows)
    args.dev = read(dataset.dev, args.dev_rows)
    return args
