"""What a training learns from: rows, what to answer to them, how they count."""

import dataclasses
import hashlib

import numpy as np
import tensorflow as tf

from bert_keras.contract import encoder_input_specs
from bert_keras.training.batches import Rows

# The target of a token that has none: padding, a special piece, a later piece
# of a word.
IGNORED = -1


@dataclasses.dataclass(frozen=True)
class TrainingData:
    """Rows and their targets.

    `train` asks for nothing but the methods and properties below, so that a
    task whose inputs change from epoch to epoch, as masked ones do, can bring
    a class of its own.

    Attributes:
        rows: Packed ids of the texts.
        targets: [rows, ...], what the network shall answer; or, with
            `per_token`, [tokens], in the order of `rows.word_ids`.
        weights: float32 [rows], how much each row's loss counts; `None` counts
            all alike.
        sampling_probabilities: float [rows], how likely each row is drawn in an
            epoch; `None` takes each row once.
        per_token: Whether each token has a target. A batch then has targets
            [batch, length], filled with `IGNORED`.
    """

    rows: Rows
    targets: np.ndarray
    weights: np.ndarray | None = None
    sampling_probabilities: np.ndarray | None = None
    per_token: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each row, int64 [rows]."""
        return self.rows.lengths

    @property
    def row_counts(self) -> np.ndarray:
        """How many rows each example has, int64 [examples]."""
        return np.ones(len(self), np.int64)

    @property
    def specs(self) -> tuple:
        """The `tf.TensorSpec`s of a batch: inputs, targets, weights."""
        shape = [None, *self.targets.shape[1:]]
        if self.per_token:
            shape = [None, *shape]
        return (
            encoder_input_specs(),
            tf.TensorSpec(shape, self.targets.dtype),
            tf.TensorSpec([None], tf.float32),
        )

    def batch(self, indices: np.ndarray, random: np.random.Generator) -> tuple:
        """Returns inputs, targets and weights of some rows.

        Args:
            indices: int [batch], which rows.
            random: What may be drawn; the same in every run of a training.

        Returns:
            The encoder's inputs, each int32 [batch, length]; targets
            [batch, ...]; weights float32 [batch].
        """
        if self.per_token:
            targets = self.rows.lay_out(self.targets, indices, IGNORED)
        else:
            targets = self.targets[indices]
        weights = np.ones(len(indices), np.float32)
        if self.weights is not None:
            weights = self.weights[indices]
        return self.rows.batch(indices), targets, weights

    def digest(self) -> str:
        """Returns the SHA-256 of rows and targets, in hexadecimal digits."""
        digest = hashlib.sha256()
        rows = self.rows
        for array in (rows.word_ids, rows.type_ids, rows.starts, self.targets):
            digest.update(np.ascontiguousarray(array))
        return digest.hexdigest()
