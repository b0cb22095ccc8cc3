"""The options of an embedder, and the data it reads."""

import dataclasses

import numpy as np

from bert_keras.checkpoints import DENSE_ACTIVATIONS
from bert_keras.contract import TEXT
from bert_keras.data import DataError, Examples, label_scores, read_examples
from bert_keras.task_specs.long_text import check_long_text
from bert_keras.task_specs.pooled import check_pooling
from bert_keras.task_specs.spec import TaskSpec

OBJECTIVES = ("scores", "positives")


@dataclasses.dataclass(kw_only=True, eq=False)
class EmbedderSpec(TaskSpec):
    """One vector per text, close to those of texts that mean the same.

    | `objective` | training data | loss |
    |---|---|---|
    | `"scores"` | pairs with a score | squared error of their cosine |
    | `"positives"` | pairs that mean the same | each text must find its own \
partner among those of the batch |

    Attributes:
        pooling: `"cls"`, `"mean"` or `"max"`; see `EmbeddingHead`.
        normalize: Whether vectors are scaled to unit length.
        dense: Width of a dense layer after pooling; `None` for no layer.
        activation: Keras' name of its activation: `"tanh"`, `"relu"`,
            `"gelu"` or `"linear"`.
        objective: One of the above. The first is that of
            https://arxiv.org/abs/1908.10084, the second that of
            https://arxiv.org/abs/1705.00652: the larger the batch, the more
            texts there are to tell apart.
        scale: Factor on cosines with the objective `"positives"`.
        lowest: Score of dissimilar pairs, whose target cosine is 0; `None`
            infers it from the training data.
        highest: Score of similar pairs, whose target cosine is 1; inferred
            likewise.
        windows: `"first"` truncates what does not fit into a sequence;
            `"mean"`, `"max"` and `"attention"` read it in windows; see
            `LongText`.
        stride: Tokens from one window to the next; see `LongText`.
        max_windows: Maximum number of windows per text; see `LongText`.

    Raises:
        ValueError: If an option is out of its range.
    """

    kind = "embedder"
    labels = None
    columns = ("text", "text_b", "label")

    pooling: str = "mean"
    normalize: bool = True
    dense: int | None = None
    activation: str = "tanh"
    objective: str = "scores"
    scale: float = 20.0
    lowest: float | None = None
    highest: float | None = None
    windows: str = "first"
    stride: int | None = None
    max_windows: int | None = None

    def __post_init__(self):
        check_pooling(self.pooling)
        check_long_text(self.windows, self.stride, self.max_windows)
        if self.objective not in OBJECTIVES:
            raise ValueError(
                f"Expected `objective` to be {' or '.join(OBJECTIVES)}. "
                f"Received: objective={self.objective!r}"
            )
        if self.activation not in DENSE_ACTIVATIONS.values():
            raise ValueError(
                "Expected `activation` to be one of "
                f"{', '.join(DENSE_ACTIVATIONS.values())}. Received: "
                f"activation={self.activation!r}"
            )

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signature's inputs."""
        return (TEXT,)

    def read(
        self, source, labels=None, *, labelled: bool = True, **options
    ) -> Examples:
        """Reads pairs to train or evaluate on, or else single texts."""
        if not labelled:
            options.pop("label", None)
        scored = labelled and self.objective == "scores"
        return read_examples(source, labels, labelled=scored, **options)

    def adapt(self, examples: Examples) -> None:
        """Infers the range of the scores, unless it is given."""
        if self.objective == "positives":
            return
        scores = label_scores(examples)
        if self.lowest is None:
            self.lowest = float(scores.min())
        if self.highest is None:
            self.highest = float(scores.max())
        if self.lowest >= self.highest:
            raise DataError(
                f"{examples.source}: Expected scores of dissimilar and of "
                "similar pairs. Received: no score below "
                f"{self.highest:g}. If all pairs mean the same, train with "
                "the objective `positives`."
            )

    def check(self, examples: Examples) -> None:
        """Raises `DataError` unless these are pairs with valid targets."""
        self.pairs(examples)
        self.targets(examples)

    def targets(self, examples: Examples) -> np.ndarray:
        """Returns cosines, float32 [examples]; for positives they are all 1."""
        if self.objective == "positives":
            return np.ones(len(examples), np.float32)
        if self.lowest is None or self.highest is None:
            raise ValueError(
                "Expected an embedder that knows the range of its scores. "
                "Received one that does not yet. Give it, lowest=... and "
                "highest=..., or call `fit` first."
            )
        scores = label_scores(examples) - self.lowest
        return (scores / (self.highest - self.lowest)).astype(np.float32)

    def texts(self, examples: Examples) -> dict[str, list]:
        """Returns the texts; those of pairs one after the other."""
        if examples.texts_b is None:
            return {TEXT: examples.texts}
        return {TEXT: self.pairs(examples)}

    def pairs(self, examples: Examples) -> list[str]:
        """Returns the texts of pairs: a, b, a, b ..."""
        if examples.texts_b is None:
            raise DataError(
                f"{examples.source}: Expected pairs of texts to train on. "
                "Received single texts. Name the columns with --text-column "
                "and --text-b-column (in Python: text='...', text_b='...')."
            )
        pairs = zip(examples.texts, examples.texts_b, strict=True)
        return [text for pair in pairs for text in pair]
