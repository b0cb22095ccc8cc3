"""The options of a regressor, and the data it reads."""

import dataclasses

import numpy as np

from bert_keras.data import Examples, label_scores
from bert_keras.task_specs.long_text import check_long_text
from bert_keras.task_specs.pooled import PooledSpec, check_pooling


@dataclasses.dataclass(kw_only=True, eq=False)
class RegressorSpec(PooledSpec):
    """A score for a text or a pair of texts.

    The network learns scores in units of their standard deviation around
    their mean, so that one learning rate suits every scale.

    Attributes:
        mean: Mean of the training scores; computed from the data if `None`.
        scale: Their standard deviation; computed from the data if `None`.
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

    kind = "regressor"
    labels = None

    mean: float | None = None
    scale: float | None = None
    pooling: str = "cls"
    windows: str = "first"
    stride: int | None = None
    max_windows: int | None = None
    pair: bool | None = None

    def __post_init__(self):
        check_pooling(self.pooling)
        check_long_text(self.windows, self.stride, self.max_windows)

    def adapt(self, examples: Examples) -> None:
        """Computes mean and scale of the scores, unless they are given."""
        super().adapt(examples)
        scores = label_scores(examples).astype(np.float64)
        if self.mean is None:
            self.mean = float(scores.mean())
        if self.scale is None:
            # If all scores are the same, their standard deviation is 0.
            self.scale = float(scores.std()) or 1.0

    def scaling(self) -> tuple[float, float]:
        """Returns mean and scale.

        Raises:
            ValueError: If they are not known yet.
        """
        if self.mean is None or self.scale is None:
            raise ValueError(
                "Expected a regressor that knows mean and scale of its "
                "scores. Received one that does not yet. Give them, "
                "mean=... and scale=..., or call `fit` first."
            )
        return self.mean, self.scale

    def targets(self, examples: Examples) -> np.ndarray:
        """Returns float32 [examples], in standard deviations."""
        mean, scale = self.scaling()
        return ((label_scores(examples) - mean) / scale).astype(np.float32)
