"""Batches: texts become ids once; sequences of similar length share a batch.

The cost of a batch depends on its longest sequence. With sequences of similar
length in one batch, there is hardly any padding to compute.

The order of an epoch is a pure function of seed and epoch, so that "step 812
of epoch 2" identifies the progress of a training.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bert_keras.contract import INPUT_MASK, INPUT_TYPE_IDS, INPUT_WORD_IDS

# Texts tokenized in one call, and number of batches sorted by length together.
_CHUNK = 1024
_BATCHES_SORTED_TOGETHER = 64


@dataclasses.dataclass(frozen=True)
class TokenSequences:
    """Packed ids of many texts, without padding, one after the other.

    Attributes:
        word_ids: int32 [tokens].
        type_ids: int8 [tokens].
        starts: int64 [sequences + 1], where each sequence starts, and the
            total number of tokens.
    """

    word_ids: np.ndarray
    type_ids: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each sequence, int64 [sequences]."""
        return np.diff(self.starts)

    def batch(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Returns sequences as a batch, padded to the longest of them.

        Args:
            indices: int [batch], which sequences.

        Returns:
            The encoder's inputs, each int32 [batch, length].
        """
        lengths = self.lengths[indices]
        mask = np.arange(lengths.max())[None, :] < lengths[:, None]
        return {
            INPUT_WORD_IDS: self.lay_out(self.word_ids, indices, 0),
            INPUT_TYPE_IDS: self.lay_out(self.type_ids, indices, 0),
            INPUT_MASK: mask.astype(np.int32),
        }

    def lay_out(
        self, values: np.ndarray, indices: np.ndarray, fill
    ) -> np.ndarray:
        """Returns one value per token, laid out as a padded batch.

        Args:
            values: [tokens], in the order of `word_ids`.
            indices: int [batch], which sequences.
            fill: The value of padding.

        Returns:
            [batch, length]; int32 if the values are integers.
        """
        lengths = self.lengths[indices]
        within = np.arange(lengths.max())
        mask = within[None, :] < lengths[:, None]
        tokens = (self.starts[indices][:, None] + within)[mask]
        whole = np.issubdtype(values.dtype, np.integer)
        padded = np.full(mask.shape, fill, np.int32 if whole else values.dtype)
        padded[mask] = values[tokens]
        return padded


def tokenize_sequences(
    preprocessor, texts: Sequence[str], texts_b: Sequence[str] | None = None
) -> TokenSequences:
    """Tokenizes texts and drops the padding.

    Args:
        preprocessor: Strings in, packed ids out.
        texts: One per sequence.
        texts_b: The second text of each pair, if texts come in pairs.
    """
    columns = [texts] if texts_b is None else [texts, texts_b]
    return flatten_sequences(
        preprocessor(*[column[start : start + _CHUNK] for column in columns])
        for start in range(0, len(texts), _CHUNK)
    )


def flatten_sequences(batches: Iterable[Mapping]) -> TokenSequences:
    """Drops the padding of packed batches.

    Args:
        batches: The encoder's inputs, each int32 [batch, length].
    """
    word_ids, type_ids, lengths = [], [], []
    for packed in batches:
        mask = np.asarray(packed[INPUT_MASK]).astype(bool)
        word_ids.append(np.asarray(packed[INPUT_WORD_IDS])[mask])
        type_ids.append(np.asarray(packed[INPUT_TYPE_IDS])[mask])
        lengths.append(mask.sum(axis=1))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    return TokenSequences(
        np.concatenate(word_ids),
        np.concatenate(type_ids).astype(np.int8),
        starts,
    )


def epoch_batches(
    lengths: np.ndarray,
    batch_size: int,
    *,
    seed: int,
    epoch: int,
    sampling_probabilities: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Returns the sequences of each batch of an epoch.

    Sequences are shuffled, sorted by length in blocks of a few thousand, and
    split into batches, which are shuffled.

    Args:
        lengths: int [sequences], tokens of each.
        batch_size: Sequences per batch; one batch may have fewer.
        seed: Seed of the training.
        epoch: Index of the epoch, from 0.
        sampling_probabilities: float [sequences], the probability of drawing
            each (with replacement); `None` takes each once.

    Returns:
        Indices of sequences, an int array for each batch.
    """
    random = np.random.default_rng([seed, epoch])
    if sampling_probabilities is None:
        order = random.permutation(len(lengths))
    else:
        order = random.choice(
            len(lengths), len(lengths), p=sampling_probabilities
        )
    batches = []
    together = batch_size * _BATCHES_SORTED_TOGETHER
    for start in range(0, len(order), together):
        block = order[start : start + together]
        block = block[np.argsort(lengths[block], kind="stable")]
        batches += [
            block[i : i + batch_size] for i in range(0, len(block), batch_size)
        ]
    return [batches[i] for i in random.permutation(len(batches))]
