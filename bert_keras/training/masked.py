"""What a masked language model learns from: rows, masked anew each time."""

import dataclasses
import hashlib

import numpy as np
import tensorflow as tf

from bert_keras.contract import (
    INPUT_WORD_IDS,
    MASKED_LM_POSITIONS,
    encoder_input_specs,
)
from bert_keras.preprocessing import Masking
from bert_keras.training.batches import Rows


@dataclasses.dataclass(frozen=True)
class MaskedData:
    """Rows that are masked as they are asked for; see `TrainingData`.

    A batch has one input more than the encoder reads, the masked places,
    which are the head's. A row counts as much as it has masks, so that each
    mask counts the same.

    Attributes:
        rows: Packed ids of the texts.
        masking: Draws the masks.
    """

    rows: Rows
    masking: Masking
    sampling_probabilities: None = None

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
        return (
            masked_input_specs(),
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([None], tf.float32),
        )

    def batch(self, indices: np.ndarray, random: np.random.Generator) -> tuple:
        """Returns inputs, targets and weights of some rows.

        Args:
            indices: int [batch], which rows.
            random: Masks are drawn from it.

        Returns:
            The encoder's inputs, each int32 [batch, length], and
            `masked_lm_positions` int32 [batch, masks]; targets int32
            [batch, masks], filled up with -1; weights float32 [batch].
        """
        inputs = self.rows.batch(indices)
        masked = self.masking(inputs[INPUT_WORD_IDS], random)
        inputs[INPUT_WORD_IDS] = masked.word_ids
        inputs[MASKED_LM_POSITIONS] = masked.positions
        weights = (masked.targets >= 0).sum(axis=1).astype(np.float32)
        return inputs, masked.targets, weights

    def digest(self) -> str:
        """Returns the SHA-256 of the rows, in hexadecimal digits."""
        digest = hashlib.sha256()
        for array in (self.rows.word_ids, self.rows.starts):
            digest.update(np.ascontiguousarray(array))
        return digest.hexdigest()


def masked_input_specs() -> dict:
    """Returns the `tf.TensorSpec`s of packed ids and of masked places."""
    places = tf.TensorSpec([None, None], tf.int32, name=MASKED_LM_POSITIONS)
    return encoder_input_specs() | {MASKED_LM_POSITIONS: places}
