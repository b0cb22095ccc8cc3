"""Masking: some tokens of a sequence are hidden, for the network to predict.

    sequence   [CLS] un ##able to play . [SEP]
    masked     [CLS] [MASK] [MASK] to play . [SEP]
    targets          un     ##able

Section 3.1 of https://arxiv.org/abs/1810.04805. Of the chosen tokens, 80 %
become `[MASK]`, 10 % another token and 10 % stay unchanged, so that the
network cannot tell which tokens it has to predict.

Words are masked as a whole: a missing token of a word whose other tokens are
visible can be predicted from the spelling, which teaches little. The authors
of BERT did so for their last English models
(https://github.com/google-research/bert, May 2019), and
https://arxiv.org/abs/1906.08101 for Chinese.
"""

from typing import NamedTuple

import numpy as np

from bert_keras.preprocessing.vocabulary import Vocabulary
from bert_keras.settings import check_mask_rate

_MASKED, _REPLACED = 0.8, 0.9  # cumulative shares
_NONE = -1


class Masked(NamedTuple):
    """Masked sequences; those with fewer masks than others are padded.

    Attributes:
        word_ids: Ids with masks, int32 [batch, length].
        positions: Positions to predict, ascending, padded with 0, int32
            [batch, masks].
        targets: The original ids at these positions, padded with -1, int32
            [batch, masks].
    """

    word_ids: np.ndarray
    positions: np.ndarray
    targets: np.ndarray


class Masking:
    """Masks tokens at random.

    Args:
        vocabulary: The vocabulary of the ids. Special tokens, `[UNK]` among
            them, are neither masked nor used as replacements.
        rate: Share of a sequence's tokens to mask; at least one token of each
            sequence is masked.
        whole_words: Whether a word is masked with all its tokens.

    Raises:
        ValueError: If `rate` is not between 0 and 1.

    Example:
        >>> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "p", "##s"]
        >>> masking = Masking(Vocabulary(tokens), rate=0.5)
        >>> word_ids = np.array([[2, 5, 6, 3, 0]])
        >>> masked = masking(word_ids, np.random.default_rng(2))
        >>> masked.word_ids.tolist(), masked.targets.tolist()
        ([[2, 4, 4, 3, 0]], [[5, 6]])
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        rate: float = 0.15,
        whole_words: bool = True,
    ):
        check_mask_rate(rate)
        special = set(vocabulary.config.special_tokens)
        self._maskable = np.array(
            [token not in special for token in vocabulary.tokens]
        )
        self._replacements = np.flatnonzero(self._maskable)
        self._begins_word = vocabulary.begins_word
        self._mask_id = vocabulary.mask_id
        self._rate = rate
        self._whole_words = whole_words

    def maskable(self, word_ids: np.ndarray) -> np.ndarray:
        """Returns which tokens may be masked, bool, in the shape of the ids."""
        return self._maskable[word_ids]

    def __call__(
        self, word_ids: np.ndarray, random: np.random.Generator
    ) -> Masked:
        """Masks a batch of sequences.

        Args:
            word_ids: int [batch, length], with special tokens and padding.
            random: The source of randomness.
        """
        rows, columns = np.nonzero(self._choose(word_ids, random))  # [masked]
        ids = word_ids[rows, columns]  # [masked]
        masked = np.array(word_ids, np.int32)
        masked[rows, columns] = self._hide(ids, random)
        counts = np.bincount(rows, minlength=len(word_ids))  # [batch]
        # Which mask of its sequence each one is, from 0: [masked]
        number = np.arange(len(rows)) - np.repeat(
            np.cumsum(counts) - counts, counts
        )
        shape = (len(word_ids), max(1, counts.max(initial=0)))
        positions = np.zeros(shape, np.int32)
        positions[rows, number] = columns
        targets = np.full(shape, _NONE, np.int32)
        targets[rows, number] = ids
        return Masked(masked, positions, targets)

    def _choose(self, word_ids, random) -> np.ndarray:
        """Returns which tokens are masked, bool [batch, length].

        Words are taken in random order until the share is reached.
        """
        maskable = self.maskable(word_ids)
        begins = maskable
        if self._whole_words:
            begins = maskable & self._begins_word[word_ids]
            # A sequence may begin within a word.
            begins[:, 1:] |= maskable[:, 1:] & ~maskable[:, :-1]
        # Every line below is [batch, length], unless it says otherwise.
        word = np.maximum(np.cumsum(begins, axis=1) - 1, 0)
        key = np.take_along_axis(random.random(word_ids.shape), word, axis=1)
        key[~maskable] = np.inf
        order = np.argsort(key, axis=1, kind="stable")
        key = np.take_along_axis(key, order, axis=1)
        # The tokens of a word share a key, so they are neighbours now.
        first = np.ones_like(maskable)
        first[:, 1:] = key[:, 1:] != key[:, :-1]
        before = np.where(first, np.arange(maskable.shape[1]), 0)
        before = np.maximum.accumulate(before, axis=1)  # tokens before a word
        wanted = np.rint(self._rate * maskable.sum(axis=1))
        wanted = np.maximum(1, wanted)  # [batch]
        chosen = np.zeros_like(maskable)
        np.put_along_axis(
            chosen, order, (before < wanted[:, None]) & (key < np.inf), axis=1
        )
        return chosen

    def _hide(self, ids, random) -> np.ndarray:
        """Returns what replaces the chosen ids, int [masked]."""
        draw = random.random(len(ids))
        other = random.integers(len(self._replacements), size=len(ids))
        kept = np.where(draw < _REPLACED, self._replacements[other], ids)
        return np.where(draw < _MASKED, self._mask_id, kept)
