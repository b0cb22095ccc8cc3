"""Training data of pairs of texts, each text a sequence of its own."""

import dataclasses

import numpy as np

from bert_keras.training.data import TrainingData


@dataclasses.dataclass(frozen=True)
class PairedData(TrainingData):
    """Pairs whose two texts pass through the network separately.

    A classifier of pairs packs both texts into one sequence. Here sequences
    `2 * i` and `2 * i + 1` are the texts of pair `i`, and `targets`,
    `weights` and `sampling_probabilities` are per pair.

    Example:
        >>> from bert_keras.training import TokenSequences
        >>> sequences = TokenSequences(
        ...     np.array([1, 2, 3, 4, 5]), np.zeros(5, int), np.array([0, 1, 5])
        ... )
        >>> data = PairedData(sequences, targets=np.array([0.5], np.float32))
        >>> len(data), data.lengths.tolist()
        (1, [4])
    """

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of the longer text of each pair, int64 [pairs]."""
        return self.sequences.lengths.reshape(-1, 2).max(axis=1)

    def batch(self, indices: np.ndarray, random: np.random.Generator) -> tuple:
        """Returns inputs, targets and weights of some pairs.

        Args:
            indices: int [batch], which pairs.
            random: Not used.

        Returns:
            The encoder's inputs, each int32 [2 * batch, length]; targets
            [batch, ...]; weights float32 [batch].
        """
        both = np.stack([2 * indices, 2 * indices + 1], axis=1).reshape(-1)
        weights = np.ones(len(indices), np.float32)
        if self.weights is not None:
            weights = self.weights[indices]
        return self.sequences.batch(both), self.targets[indices], weights
