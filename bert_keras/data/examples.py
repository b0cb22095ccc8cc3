"""What `read_examples` returns: texts, their labels and their origin."""

import dataclasses
from collections.abc import Iterable

import numpy as np

from bert_keras.data.folds import select


@dataclasses.dataclass(frozen=True)
class Examples:
    """Texts to train on or to predict, held in memory.

    Attributes:
        texts: The text of each example.
        texts_b: The second text of each pair; `None` for single texts.
        labels: The label of each example as the source has it: a string, a
            number or, with several labels, a list of strings; `""` where the
            source has none. `None` if the examples are unlabelled. The
            functions in `labels.py` turn them into arrays.
        source: File name, or a description such as `a list`.
        lines: The 1-based line of the file on which each example starts;
            `None` if the source is not a file.
        weights: Sample weight of each example, float32 [examples]; `None` if
            there are none.

    Example:
        >>> examples = Examples(["fine", "dull"], source="a.tsv", lines=[2, 3])
        >>> examples.where(1)
        'a.tsv:3'
    """

    texts: list[str]
    texts_b: list[str] | None = None
    labels: list | None = None
    source: str = "a list"
    lines: list[int] | None = None
    weights: np.ndarray | None = None

    def __post_init__(self):
        for name in ("texts_b", "labels", "lines", "weights"):
            column = getattr(self, name)
            if column is not None and len(column) != len(self.texts):
                raise ValueError(
                    f"Expected `{name}` to be as long as `texts` "
                    f"({len(self.texts)}). Received: {len(column)}"
                )

    def __len__(self) -> int:
        return len(self.texts)

    def where(self, index: int) -> str:
        """Returns where example `index` (0-based) is, for a message."""
        if self.lines is None:
            return f"{self.source}, index {index}"
        return f"{self.source}:{self.lines[index]}"

    def select(self, indices: Iterable[int]) -> "Examples":
        """Returns the examples at `indices`, in that order.

        Example:
            >>> Examples(["a", "b", "c"]).select(range(2)).texts
            ['a', 'b']
        """
        return select(self, indices)
