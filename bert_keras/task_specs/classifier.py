"""The options of a classifier, and the data it reads."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from bert_keras.contract import LABEL_SEPARATOR
from bert_keras.data import (
    Examples,
    infer_labels,
    label_ids,
    label_matrix,
    require_classes,
)
from bert_keras.task_specs.long_text import check_long_text
from bert_keras.task_specs.pooled import PooledSpec, check_pooling

BALANCES = ("weights", "sampling")


@dataclasses.dataclass(kw_only=True, eq=False)
class ClassifierSpec(PooledSpec):
    """A label, or several, for a text or a pair of texts.

    Attributes:
        labels: Names of the classes; `None` infers them from the training
            data.
        multi_label: Whether a text may have several labels, or none. In the
            data they are joined by `|`, or are a list in JSONL.
        threshold: Minimum score of a label, with `multi_label`.
        label_smoothing: Share of each target that is spread over all classes.
        balance: `"weights"` gives each class the same weight in the loss,
            `"sampling"` draws each class equally often; `None` does neither.
        pooling: `"cls"`, `"mean"` or `"max"`; see `PooledHead`.
        windows: `"first"` truncates what does not fit into a sequence;
            `"mean"`, `"max"` and `"attention"` read it in windows; see
            `LongText`.
        stride: Tokens from one window to the next; see `LongText`.
        max_windows: Maximum number of windows per text; see `LongText`.
        pair: Whether texts come in pairs; `None` infers it from the training
            data.

    Raises:
        ValueError: If an option is out of its range.
    """

    kind = "classifier"

    labels: Sequence[str] | None = dataclasses.field(
        default=None, kw_only=False
    )
    multi_label: bool = False
    threshold: float = 0.5
    label_smoothing: float = 0.0
    balance: str | None = None
    pooling: str = "cls"
    windows: str = "first"
    stride: int | None = None
    max_windows: int | None = None
    pair: bool | None = None

    def __post_init__(self):
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(
                "Expected `label_smoothing` from 0 to below 1. Received: "
                f"label_smoothing={self.label_smoothing!r}"
            )
        if self.balance is not None and self.balance not in BALANCES:
            raise ValueError(
                f"Expected `balance` to be {' or '.join(BALANCES)}. Received: "
                f"balance={self.balance!r}"
            )
        if self.balance and self.multi_label:
            raise ValueError(
                "Expected no `balance` with `multi_label`, where a text may "
                f"have several classes. Received: balance={self.balance!r}"
            )
        check_pooling(self.pooling)
        check_long_text(self.windows, self.stride, self.max_windows)
        if self.labels is not None:
            self.labels = tuple(self.labels)
            require_classes(
                self.labels, "labels", at_least=1 if self.multi_label else 2
            )

    def adapt(self, examples: Examples) -> None:
        """Infers the labels from training data, unless they are given."""
        super().adapt(examples)
        if self.labels is None:
            separator = LABEL_SEPARATOR if self.multi_label else None
            self.labels = infer_labels(examples, separator=separator)

    def targets(self, examples: Examples) -> np.ndarray:
        """Returns int32 [examples], or float32 [examples, labels]."""
        if self.multi_label:
            return label_matrix(
                examples, self.known_labels, separator=LABEL_SEPARATOR
            )
        return label_ids(examples, self.known_labels)
