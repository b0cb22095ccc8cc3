"""From logits to labels, in the graph."""

from collections.abc import Sequence

import tensorflow as tf

from bert_keras.contract import (
    CLASSES,
    LABEL,
    LABEL_SEPARATOR,
    SCORE,
    SCORES,
)


class LabelDecoder(tf.Module):
    """Turns the logits of a classifier into label names and scores.

    Args:
        labels: Name of each class.
        multi_label: Whether a text may have several labels or none. If so,
            each label has a probability of its own, and `label` is those that
            reach the threshold, joined by `|`.
        threshold: The score that a label must reach if `multi_label`.

    Example:
        >>> LabelDecoder(["no", "yes"])(tf.constant([[0.0, 3.0]]))
        {'label': [b'yes'], 'score': [0.9525741], 'classes': [[b'no', b'yes']],
         'scores': [[0.04742587, 0.9525741]]}
    """

    def __init__(
        self,
        labels: Sequence[str],
        *,
        multi_label: bool = False,
        threshold: float = 0.5,
    ):
        super().__init__()
        self._labels = tuple(labels)
        self._multi_label = multi_label
        self._threshold = threshold

    def __call__(self, logits: tf.Tensor) -> dict[str, tf.Tensor]:
        """Decodes logits.

        Args:
            logits: float [batch, labels].

        Returns:
            `label` string [batch], `score` float32 [batch], that of the best
            label, `classes` string [batch, labels], `scores` float32
            [batch, labels].
        """
        names = tf.constant(self._labels)
        logits = tf.cast(logits, tf.float32)
        if self._multi_label:
            scores = tf.sigmoid(logits)
            chosen = scores >= self._threshold
            label = tf.strings.reduce_join(
                tf.ragged.boolean_mask(
                    tf.broadcast_to(names, tf.shape(scores)), chosen
                ),
                axis=1,
                separator=LABEL_SEPARATOR,
            )
        else:
            scores = tf.nn.softmax(logits)
            label = tf.gather(names, tf.argmax(scores, axis=1))
        return {
            LABEL: label,
            SCORE: tf.reduce_max(scores, axis=1),
            CLASSES: tf.broadcast_to(names, tf.shape(scores)),
            SCORES: scores,
        }


class ScoreDecoder(tf.Module):
    """Turns the single logit of a regressor into its score.

    Args:
        mean: Mean of the scores in the training data.
        scale: Their standard deviation, by which the logit is multiplied.

    Example:
        >>> ScoreDecoder(mean=2.5, scale=1.5)(tf.constant([[1.0]]))
        {'score': [4.0]}
    """

    def __init__(self, *, mean: float = 0.0, scale: float = 1.0):
        super().__init__()
        self._mean = mean
        self._scale = scale

    def __call__(self, logits: tf.Tensor) -> dict[str, tf.Tensor]:
        """Decodes logits, float [batch, 1], to `score`, float32 [batch]."""
        return {
            SCORE: tf.cast(logits[:, 0], tf.float32) * self._scale + self._mean
        }
