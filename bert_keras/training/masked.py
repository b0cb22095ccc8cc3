"""Training data of a masked language model, masked anew in each batch."""

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
from bert_keras.training.batches import TokenSequences
from bert_keras.training.data import raw_bytes


@dataclasses.dataclass(frozen=True)
class MaskedData:
    """Token sequences that are masked batch by batch; see `TrainingData`.

    A batch has one more input than the encoder reads: the masked positions,
    for the head. A sequence is weighted by its number of masks, so that each
    mask counts the same.

    Attributes:
        sequences: Packed ids of the texts.
        masking: Draws the masks.
        weights: float32 [sequences], factor on the loss of each; `None`
            weights all equally.
    """

    sequences: TokenSequences
    masking: Masking
    weights: np.ndarray | None = None
    sampling_probabilities: None = None

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each sequence, int64 [sequences]."""
        return self.sequences.lengths

    @property
    def sequence_counts(self) -> np.ndarray:
        """Sequences of each example, int64 [examples]."""
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
        """Returns inputs, targets and weights of a batch.

        Args:
            indices: int [batch], which sequences.
            random: Masks are drawn from it.

        Returns:
            The encoder's inputs, each int32 [batch, length], and
            `masked_lm_positions` int32 [batch, masks]; targets int32
            [batch, masks], padded with -1; weights float32 [batch].
        """
        inputs = self.sequences.batch(indices)
        masked = self.masking(inputs[INPUT_WORD_IDS], random)
        inputs[INPUT_WORD_IDS] = masked.word_ids
        inputs[MASKED_LM_POSITIONS] = masked.positions
        weights = (masked.targets >= 0).sum(axis=1).astype(np.float32)
        if self.weights is not None:
            weights = weights * self.weights[indices]
        return inputs, masked.targets, weights

    def digest(self) -> str:
        """Returns the SHA-256 of the data, in hexadecimal."""
        digest = hashlib.sha256()
        sequences = self.sequences
        for array in (sequences.word_ids, sequences.starts, self.weights):
            if array is not None:
                digest.update(raw_bytes(array))
        return digest.hexdigest()


def masked_input_specs() -> dict:
    """Returns the `tf.TensorSpec`s of packed ids and of masked positions."""
    positions = tf.TensorSpec([None, None], tf.int32, name=MASKED_LM_POSITIONS)
    return encoder_input_specs() | {MASKED_LM_POSITIONS: positions}
