"""Words and characters to tokens, and back.

A word here is a basic token of original BERT: what is left after splitting at
white space and punctuation, and before WordPiece. `Hague,` has the words
`Hague` and `,`; a link is one word. A tagger predicts one tag per word, at the
word's first token. Every text can be split like this, so words are the same in
training and in prediction; labels of characters, or of words in a data set
with its own tokenization, are assigned to the words that they cover.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from bert_keras.preprocessing.vocabulary import Vocabulary


class Words(NamedTuple):
    """The words of texts, each int32 [batch, (words)].

    Attributes:
        first: Index of the word's first token in its text.
        starts: First character.
        ends: The character after the last.
    """

    first: tf.RaggedTensor
    starts: tf.RaggedTensor
    ends: tf.RaggedTensor


def find_words(
    vocabulary: Vocabulary,
    ids: tf.RaggedTensor,
    starts: tf.RaggedTensor,
    ends: tf.RaggedTensor,
    joined: tf.RaggedTensor,
) -> Words:
    """Groups tokens into words.

    Args:
        vocabulary: The vocabulary of the ids.
        ids: Without special tokens, int32 [batch, (tokens)].
        starts: First character of each token, int32 [batch, (tokens)].
        ends: The character after the last, int32 [batch, (tokens)].
        joined: Whether a character belongs to the same word as the one before
            it, bool [batch, (characters)]; see `inside_links`.

    Returns:
        The words of each text.

    Example:
        >>> from bert_keras.preprocessing import Vocabulary
        >>> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "p", "##s"]
        >>> ids = tf.ragged.constant([[5, 6, 5]])
        >>> starts, ends = [[0, 1, 3]], [[1, 2, 4]]
        >>> words = find_words(
        ...     Vocabulary(tokens),
        ...     ids,
        ...     tf.ragged.constant(starts),
        ...     tf.ragged.constant(ends),
        ...     tf.ragged.constant([[False] * 4]),
        ... )
        >>> [part.to_list() for part in words]
        [[[0, 2]], [[0, 3]], [[2, 4]]]
    """
    begins = tf.constant(vocabulary.begins_word)
    # Where each token begins among the characters of all texts: [tokens].
    text_start = tf.cast(joined.row_starts(), tf.int32)  # [batch]
    at = tf.gather(text_start, starts.value_rowids()) + starts.flat_values
    # The first token of a text begins a word, so no word crosses into the next
    # text, although all texts are handled as one. Both bool [tokens].
    first = tf.gather(begins, ids.flat_values)
    first &= ~tf.gather(joined.flat_values, at)
    last = tf.concat([first[1:], tf.ones_like(first[:1])], axis=0)
    indices = tf.cast(tf.ragged.range(ids.row_lengths()), tf.int32)
    before = tf.concat([[0], tf.cumsum(tf.cast(first, tf.int64))], axis=0)
    splits = tf.gather(before, ids.row_splits)  # [batch + 1], in words
    return Words(
        *(
            tf.RaggedTensor.from_row_splits(
                tf.boolean_mask(part.flat_values, chosen),
                splits,
                validate=False,
            )
            for part, chosen in (
                (indices, first),
                (starts, first),
                (ends, last),
            )
        )
    )


def covered_words(
    starts: np.ndarray, ends: np.ndarray, spans: Sequence[tuple]
) -> list[tuple[int, int]]:
    """Returns which words each span of characters covers, fully or in part.

    A word that two spans share belongs to the first one. A span without a
    word, such as one of control characters, gets an empty range.

    Args:
        starts: First character of each word, int [words], ascending.
        ends: The character after its last, int [words].
        spans: (start, end, ...) in characters, ascending.

    Returns:
        First word, and the word after the last, of each span.

    Example:
        >>> covered_words([0, 4, 8], [3, 8, 9], [(4, 9, "LOC")])
        [(1, 3)]
    """
    covered, free = [], 0
    for start, end, *_ in spans:
        first = max(free, int(np.searchsorted(ends, start, side="right")))
        after = max(first, int(np.searchsorted(starts, end, side="left")))
        covered.append((first, after))
        free = after
    return covered
