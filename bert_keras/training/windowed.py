"""Training data of long texts, each text one or more windows."""

import dataclasses
import hashlib

import numpy as np
import tensorflow as tf

from bert_keras.contract import WINDOW_COUNTS
from bert_keras.training.data import TrainingData, raw_bytes


@dataclasses.dataclass(frozen=True)
class WindowedData(TrainingData):
    """Texts whose windows pass through the network as sequences.

    `sequences` are windows, those of a text one after the other; `targets`,
    `weights` and `sampling_probabilities` are per example.

    Attributes:
        counts: Number of windows of each text, int [texts].
        texts_each: Consecutive texts per example: 2 where both texts of a
            pair pass through the network separately.

    Example:
        >>> from bert_keras.training import TokenSequences
        >>> starts = np.array([0, 2, 4, 5])
        >>> sequences = TokenSequences(
        ...     np.array([1, 2, 3, 4, 5]), np.zeros(5, int), starts
        ... )
        >>> data = WindowedData(
        ...     sequences, targets=np.array([0, 1]), counts=np.array([2, 1])
        ... )
        >>> inputs, targets, _ = data.batch(np.array([0]), None)
        >>> inputs["input_word_ids"].tolist(), inputs["window_counts"].tolist()
        ([[1, 2], [3, 4]], [2])
    """

    counts: np.ndarray = dataclasses.field(kw_only=True)
    texts_each: int = dataclasses.field(default=1, kw_only=True)

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of the longest window of each example, int64 [examples].

        Batches are formed by this length. It is the same for all long texts,
        whose first window is full, so they are spread over the batches of an
        epoch, and no batch consists of the longest texts alone.
        """
        first = np.cumsum(self.counts) - self.counts
        longest = np.maximum.reduceat(self.sequences.lengths, first)
        return longest.reshape(-1, self.texts_each).max(axis=1)

    @property
    def sequence_counts(self) -> np.ndarray:
        """Number of windows of each example, int64 [examples]."""
        return self.counts.reshape(-1, self.texts_each).sum(axis=1)

    @property
    def specs(self) -> tuple:
        """The `tf.TensorSpec`s of a batch: inputs, targets, weights."""
        inputs, *rest = super().specs
        counts = tf.TensorSpec([None], tf.int32, name=WINDOW_COUNTS)
        return inputs | {WINDOW_COUNTS: counts}, *rest

    def batch(self, indices: np.ndarray, random: np.random.Generator) -> tuple:
        """Returns inputs, targets and weights of some examples.

        Args:
            indices: int [batch], which examples.
            random: Not used.

        Returns:
            The encoder's inputs, each int32 [windows, length], and
            `window_counts`, int32 [texts]; targets [batch, ...]; weights
            float32 [batch].
        """
        texts = indices[:, None] * self.texts_each + np.arange(self.texts_each)
        texts = texts.reshape(-1)
        counts, after = self.counts[texts], np.cumsum(self.counts)[texts]
        windows = [
            np.arange(end - count, end)
            for count, end in zip(counts, after, strict=True)
        ]
        inputs = self.sequences.batch(np.concatenate(windows))
        weights = np.ones(len(indices), np.float32)
        if self.weights is not None:
            weights = self.weights[indices]
        return (
            inputs | {WINDOW_COUNTS: counts.astype(np.int32)},
            self.targets[indices],
            weights,
        )

    def digest(self) -> str:
        """Returns the SHA-256 of the data, in hexadecimal."""
        digest = hashlib.sha256(super().digest().encode())
        digest.update(raw_bytes(self.counts))
        return digest.hexdigest()
