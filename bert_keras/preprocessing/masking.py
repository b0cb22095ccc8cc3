"""Masking: some pieces of a row are hidden, and the network must guess them.

    row        [CLS] un ##able to play . [SEP]
    masked     [CLS] [MASK] [MASK] to play . [SEP]
    to guess         un     ##able

Section 3.1 of https://arxiv.org/abs/1810.04805. Of the chosen pieces, 80 %
become `[MASK]`, 10 % another piece and 10 % stay as they are, so that the
network cannot tell which pieces it will be asked for.

Words are chosen whole: of a word whose other pieces can be seen, the missing
one is guessed by spelling, which teaches little. The authors of BERT did so
for their last English models (https://github.com/google-research/bert,
May 2019), https://arxiv.org/abs/1906.08101 for Chinese.
"""

from typing import NamedTuple

import numpy as np

from bert_keras.preprocessing.vocabulary import Vocabulary
from bert_keras.settings import check_mask_rate

_CONTINUES = "##"
_MASKED, _REPLACED = 0.8, 0.9  # the shares, added up
_NONE = -1


class Masked(NamedTuple):
    """Rows with masks; rows with fewer masks than others are filled up.

    Attributes:
        word_ids: int32 [batch, length].
        positions: Places to guess, rising, filled up with 0, int32
            [batch, masks].
        targets: The pieces that stood there, filled up with -1, the same.
    """

    word_ids: np.ndarray
    positions: np.ndarray
    targets: np.ndarray


class Masking:
    """Draws masks.

    Args:
        vocabulary: Of the ids. Special pieces and `[UNK]` are never chosen,
            nor do they replace others.
        rate: Share of a row's pieces that are chosen; one of each row at
            least.
        whole_words: Whether a word is chosen with all its pieces.

    Raises:
        ValueError: If `rate` is not a share.

    Example:
        >>> pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "p", "##s"]
        >>> masking = Masking(Vocabulary(pieces), rate=0.5)
        >>> rows = np.array([[2, 5, 6, 3, 0]])
        >>> masked = masking(rows, np.random.default_rng(2))
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
        self._choosable = np.array(
            [p not in special for p in vocabulary.pieces]
        )
        self._replacements = np.flatnonzero(self._choosable)
        self._begins = np.array(
            [not p.startswith(_CONTINUES) for p in vocabulary.pieces]
        )
        self._mask_id = vocabulary.mask_id
        self._rate = rate
        self._whole_words = whole_words

    def choosable(self, word_ids: np.ndarray) -> np.ndarray:
        """Returns which pieces may be masked, bool, shaped as the ids."""
        return self._choosable[word_ids]

    def __call__(
        self, word_ids: np.ndarray, random: np.random.Generator
    ) -> Masked:
        """Masks a batch of rows.

        Args:
            word_ids: int [batch, length], with special pieces and padding.
            random: What is drawn from.
        """
        rows, places = np.nonzero(self._choose(word_ids, random))
        pieces = word_ids[rows, places]
        masked = np.array(word_ids, np.int32)
        masked[rows, places] = self._hide(pieces, random)
        counts = np.bincount(rows, minlength=len(word_ids))
        number = np.arange(len(rows)) - np.repeat(
            np.cumsum(counts) - counts, counts
        )
        shape = (len(word_ids), max(1, counts.max(initial=0)))
        positions = np.zeros(shape, np.int32)
        positions[rows, number] = places
        targets = np.full(shape, _NONE, np.int32)
        targets[rows, number] = pieces
        return Masked(masked, positions, targets)

    def _choose(self, word_ids, random) -> np.ndarray:
        """Returns which pieces are chosen, bool [batch, length].

        Words come in random order, until the share is reached.
        """
        can = self.choosable(word_ids)
        begins = can
        if self._whole_words:
            begins = can & self._begins[word_ids]
            # A row may begin within a word.
            begins[:, 1:] |= can[:, 1:] & ~can[:, :-1]
        word = np.maximum(np.cumsum(begins, axis=1) - 1, 0)
        turn = np.take_along_axis(random.random(word_ids.shape), word, axis=1)
        turn[~can] = np.inf
        order = np.argsort(turn, axis=1, kind="stable")
        turn = np.take_along_axis(turn, order, axis=1)
        # Pieces of a word have one turn, so they stand side by side now.
        first = np.ones_like(can)
        first[:, 1:] = turn[:, 1:] != turn[:, :-1]
        before = np.where(first, np.arange(can.shape[1]), 0)
        before = np.maximum.accumulate(before, axis=1)
        wanted = np.maximum(1, np.rint(self._rate * can.sum(axis=1)))
        chosen = np.zeros_like(can)
        np.put_along_axis(
            chosen, order, (before < wanted[:, None]) & (turn < np.inf), axis=1
        )
        return chosen

    def _hide(self, pieces, random) -> np.ndarray:
        draw = random.random(len(pieces))
        other = random.integers(len(self._replacements), size=len(pieces))
        kept = np.where(draw < _REPLACED, self._replacements[other], pieces)
        return np.where(draw < _MASKED, self._mask_id, kept)
