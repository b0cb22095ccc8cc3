"""Augmentation: more training texts, made from the existing ones.

Words of a text are deleted, swapped, masked, or replaced by the predictions
of a language model; the label is kept. The first two are described in
https://arxiv.org/abs/1901.11196, the last in https://arxiv.org/abs/1805.06201.
"""

import dataclasses
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bert_keras.data.errors import DataError
from bert_keras.data.examples import Examples

MASK = "[MASK]"
WAYS = ("delete", "swap", "mask", "fill")


class FillsMasks(Protocol):
    """What `"fill"` asks of a `MaskedLanguageModel`."""

    def predict(self, x: list[str], /) -> list[dict]:
        """Returns the text with its masks filled, `sequence`, of each text."""
        ...


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """Adds altered copies of the examples.

    Each copy is altered in one way, drawn at random from `ways`:

    | way | `a very good film` becomes |
    |---|---|
    | `"delete"` | `a good film` |
    | `"swap"` | `a film good very` |
    | `"mask"` | `a very [MASK] film` |
    | `"fill"` | `a very long film`, predicted by a language model |

    Words are separated by spaces: a text in a script without spaces counts as
    one word and gets no copies. Copies that come out unchanged are dropped.

    Attributes:
        copies: Number of copies of each example.
        ways: Ways to alter a copy.
        share: Share of a text's words to alter; at least one is altered.
        seed: Seed of the random choices.
        model: A `MaskedLanguageModel`, for `"fill"`.

    Raises:
        ValueError: If a value is out of range.

    Example:
        >>> examples = Examples(["a very good film"], labels=["pos"])
        >>> altered = Augmentation(copies=2, ways=["delete", "swap"])(examples)
        >>> altered.texts
        ['a very good film', 'a very good', 'a film good very']
        >>> altered.labels
        ['pos', 'pos', 'pos']
    """

    copies: int = 1
    ways: Sequence[str] = ("delete", "swap")
    share: float = 0.1
    seed: int = 42
    model: FillsMasks | None = None

    def __post_init__(self):
        if isinstance(self.ways, str) or not set(self.ways) <= set(WAYS):
            raise ValueError(
                f"Expected `ways` among {', '.join(WAYS)}. Received: "
                f"ways={self.ways!r}"
            )
        if not self.ways or self.copies < 1 or not 0 < self.share < 1:
            raise ValueError(
                "Expected at least one way, at least one copy, and a share "
                f"above 0 and below 1. Received: ways={self.ways!r}, "
                f"copies={self.copies!r}, share={self.share!r}"
            )
        if "fill" in self.ways and self.model is None:
            raise ValueError(
                "Expected `model`, a trained MaskedLanguageModel, for the way "
                "'fill'. Received: model=None. On the command line: "
                "--augment-model runs/NAME."
            )

    def __call__(self, examples: Examples) -> Examples:
        """Returns the examples followed by their altered copies.

        Args:
            examples: Texts or pairs; in each pair one text is altered.

        Raises:
            DataError: If their labels refer to positions in the texts, or no
                text can be altered.
        """
        self.check(examples)
        copies = list(self._copies(examples))
        if not copies:
            raise DataError(
                f"{examples.source}: Expected texts of at least two words "
                "separated by spaces. Received none that could be altered. "
                "Train without augmentation."
            )
        return _joined(examples, copies)

    def check(self, examples) -> None:
        """Raises unless the labels stay correct when words change.

        Raises:
            DataError: If they refer to positions in the texts.
        """
        if not isinstance(examples, Examples):
            raise DataError(
                f"{examples.source}: Expected texts with a label or a score, "
                "which stays correct when words change. Received: "
                f"{type(examples).__name__}, whose labels refer to positions "
                "in the texts. Train without augmentation."
            )

    def _copies(self, examples: Examples):
        """Yields (index of the example, column, altered text) per copy."""
        columns = _text_columns(examples)
        random = np.random.default_rng(self.seed)
        drawn = []
        for index in range(len(examples)):
            for _ in range(self.copies):
                column = int(random.integers(len(columns)))
                way = self.ways[int(random.integers(len(self.ways)))]
                words = columns[column][index].split()
                if len(words) > 1:
                    altered = _altered(words, way, self.share, random)
                    drawn.append((index, column, way, " ".join(altered)))
        texts = self._filled([(way, text) for *_, way, text in drawn])
        for (index, column, *_), text in zip(drawn, texts, strict=True):
            if text.split() != columns[column][index].split():
                yield index, column, text

    def _filled(self, drawn: list[tuple[str, str]]) -> list[str]:
        """Returns the texts, with masks filled where the way is `"fill"`."""
        masked = [text for way, text in drawn if way == "fill"]
        if self.model is None or not masked:
            return [text for _, text in drawn]
        predictions = iter(self.model.predict(masked))
        return [
            next(predictions)["sequence"] if way == "fill" else text
            for way, text in drawn
        ]


def _text_columns(examples: Examples) -> list[list[str]]:
    """Returns the texts and, of pairs, the second texts."""
    if examples.texts_b is None:
        return [examples.texts]
    return [examples.texts, examples.texts_b]


def _altered(words: list[str], way: str, share: float, random) -> list[str]:
    count = max(1, round(share * len(words)))
    if way == "swap":
        words = list(words)
        for _ in range(count):
            one, other = random.choice(len(words), 2, replace=False)
            words[one], words[other] = words[other], words[one]
        return words
    chosen = set(random.choice(len(words), count, replace=False).tolist())
    if way == "delete":
        return [word for n, word in enumerate(words) if n not in chosen]
    return [MASK if n in chosen else word for n, word in enumerate(words)]


def _joined(examples: Examples, copies: list[tuple]) -> Examples:
    """Returns the examples followed by their copies."""
    more = examples.select([index for index, *_ in copies])
    texts = _text_columns(more)
    for number, (_, column, text) in enumerate(copies):
        texts[column][number] = text
    columns = ("texts", "texts_b", "labels", "lines")
    joined = {
        name: getattr(examples, name) + getattr(more, name)
        for name in columns
        if getattr(examples, name) is not None
    }
    if examples.weights is not None and more.weights is not None:
        joined["weights"] = np.concatenate([examples.weights, more.weights])
    return dataclasses.replace(examples, **joined)
