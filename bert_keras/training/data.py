"""Training data: token sequences, targets and weights."""

import dataclasses
import hashlib
from typing import Protocol

import numpy as np
import tensorflow as tf

from bert_keras.contract import encoder_input_specs
from bert_keras.training.batches import TokenSequences

# The target of a token without one: padding, a special token, or a later token
# of a word.
IGNORED = -1


def combined_weights(*weights: np.ndarray | None) -> np.ndarray | None:
    """Returns the product of weights, float32; `None` counts as ones.

    Example:
        >>> combined_weights(np.array([1.0, 2.0]), None, np.array([0.5, 0.5]))
        array([0.5, 1. ], dtype=float32)
    """
    given = [weight for weight in weights if weight is not None]
    return np.prod(given, axis=0).astype(np.float32) if given else None


class BatchSource(Protocol):
    """What `train` draws batches from: `TrainingData`, or a class like it.

    A task whose inputs change from epoch to epoch, as masked ones do, has a
    class of its own. Its properties are those of `TrainingData`.
    """

    def __len__(self) -> int: ...

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each example, int64 [examples]."""
        ...

    @property
    def sequence_counts(self) -> np.ndarray:
        """Sequences of each example, int64 [examples]."""
        ...

    @property
    def sampling_probabilities(self) -> np.ndarray | None:
        """How likely each example is drawn, or `None`, float [examples]."""
        ...

    @property
    def specs(self) -> tuple:
        """The `tf.TensorSpec`s of a batch: inputs, targets, weights."""
        ...

    def batch(self, indices: np.ndarray, random: np.random.Generator) -> tuple:
        """Returns inputs, targets and weights of a batch."""
        ...

    def digest(self) -> str:
        """Returns the SHA-256 of all that is learned from, in hexadecimal."""
        ...


def raw_bytes(array: np.ndarray) -> memoryview:
    """Returns the bytes of an array, for a digest, without copying them.

    Only an array that is not contiguous is copied.

    Example:
        >>> bytes(raw_bytes(np.array([[72], [105]], np.uint8)))
        b'Hi'
    """
    # As integers, since a memoryview cannot hold bfloat16.
    return np.ascontiguousarray(array).view(np.uint8).data


@dataclasses.dataclass(frozen=True)
class TrainingData:
    """Token sequences and their targets.

    Attributes:
        sequences: Packed ids of the texts.
        targets: [examples, ...], the right answers; or, with `per_token`,
            [tokens], in the order of `sequences.word_ids`.
        weights: float32 [examples], factor on the loss of each example;
            `None` weights all equally.
        sampling_probabilities: float [examples], the probability of drawing
            each example; `None` takes each once per epoch.
        per_token: Whether each token has a target. A batch then has targets
            [batch, length], padded with `IGNORED`.
    """

    sequences: TokenSequences
    targets: np.ndarray
    weights: np.ndarray | None = None
    sampling_probabilities: np.ndarray | None = None
    per_token: bool = False

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each example, int64 [examples]."""
        return self.sequences.lengths

    @property
    def sequence_counts(self) -> np.ndarray:
        """Sequences of each example, int64 [examples]."""
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
        """Returns inputs, targets and weights of a batch.

        Args:
            indices: int [batch], which examples.
            random: Source of randomness, with the same state whenever a
                training is repeated.

        Returns:
            The encoder's inputs, each int32 [batch, length]; targets
            [batch, ...]; weights float32 [batch].
        """
        if self.per_token:
            targets = self.sequences.lay_out(self.targets, indices, IGNORED)
        else:
            targets = self.targets[indices]
        weights = np.ones(len(indices), np.float32)
        if self.weights is not None:
            weights = self.weights[indices]
        return self.sequences.batch(indices), targets, weights

    def digest(self) -> str:
        """Returns the SHA-256 of the data, in hexadecimal."""
        digest = hashlib.sha256()
        sequences = self.sequences
        for array in (
            sequences.word_ids,
            sequences.type_ids,
            sequences.starts,
            self.targets,
            self.weights,
            self.sampling_probabilities,
        ):
            if array is not None:
                digest.update(raw_bytes(array))
        return digest.hexdigest()
