"""Words and characters to pieces, and back.

A tagger gives one tag to each basic token of the tokenizer, on its first
piece: `Hague,` has the words `Hague` and `,`. A link is one word. These words
are known of any text, so training sees what is asked later; a label of
characters, or of words that somebody else split, goes to the words that it
covers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from bert_keras.preprocessing.vocabulary import Vocabulary


class Words(NamedTuple):
    """The words of texts, each int32 [batch, (words)].

    Attributes:
        first: Position of the first piece among the pieces of the text.
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
    """Finds the words that pieces belong to.

    Args:
        vocabulary: Of the ids.
        ids: Pieces without special ones, int32 [batch, (pieces)].
        starts: First character of each, the same.
        ends: The character after the last, the same.
        joined: Whether a character belongs to the word of the one before it,
            bool [batch, (characters)]; see `inside_links`.

    Example:
        >>> from bert_keras.preprocessing import Vocabulary
        >>> pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "p", "##s"]
        >>> ids = tf.ragged.constant([[5, 6, 5]])
        >>> starts, ends = [[0, 1, 3]], [[1, 2, 4]]
        >>> words = find_words(
        ...     Vocabulary(pieces),
        ...     ids,
        ...     tf.ragged.constant(starts),
        ...     tf.ragged.constant(ends),
        ...     tf.ragged.constant([[False] * 4]),
        ... )
        >>> [part.to_list() for part in words]
        [[[0, 2]], [[0, 3]], [[2, 4]]]
    """
    begins = tf.constant(vocabulary.begins_word)
    rows = tf.cast(joined.row_starts(), tf.int32)
    at = tf.gather(rows, starts.value_rowids()) + starts.flat_values
    # A text's first piece begins a word, so one look over all texts will do.
    first = tf.gather(begins, ids.flat_values)
    first &= ~tf.gather(joined.flat_values, at)
    last = tf.concat([first[1:], tf.ones_like(first[:1])], axis=0)
    places = tf.cast(tf.ragged.range(ids.row_lengths()), tf.int32)
    before = tf.concat([[0], tf.cumsum(tf.cast(first, tf.int64))], axis=0)
    splits = tf.gather(before, ids.row_splits)
    return Words(
        *(
            tf.RaggedTensor.from_row_splits(
                tf.boolean_mask(part.flat_values, chosen),
                splits,
                validate=False,
            )
            for part, chosen in (
                (places, first),
                (starts, first),
                (ends, last),
            )
        )
    )


def covered_words(
    starts: np.ndarray, ends: np.ndarray, spans: Sequence[tuple]
) -> list[tuple[int, int]]:
    """Returns which words each span of characters covers, if only in part.

    A word that two spans share belongs to the first. A span that covers no
    word, such as one of control characters, has as many words: none.

    Args:
        starts: First character of each word, int [words], rising.
        ends: The character after its last, int [words].
        spans: (start, end, ...) in characters, in order.

    Returns:
        First word, and the word after the last, for each span.

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
