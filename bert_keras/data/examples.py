"""What every reader returns: texts, their labels and where they come from."""

import dataclasses
from collections.abc import Iterable

import numpy as np

from bert_keras.data.folds import select


@dataclasses.dataclass(frozen=True)
class Examples:
    """Texts to learn from or to answer, held in memory.

    Attributes:
        texts: One text for each example.
        texts_b: The second text of each pair; `None` if there are no pairs.
        labels: One label for each example as the source has it: a string, a
            number or, for many labels, a list of strings; `""` where the
            source has none. `None` if the examples are unlabelled. The
            functions of `labels.py` turn them into arrays.
        source: File name, or a description such as `a list`.
        lines: The 1-based line of the file on which each example starts;
            `None` if the source is no file.
        weights: How much each example counts in the loss, float32 [examples];
            `None` if all count alike.

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
        """Returns the place of example `index` (0-based) for a message."""
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
