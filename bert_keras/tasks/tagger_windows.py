"""Texts as windows that know their words, to learn from and to answer."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from bert_keras import contract
from bert_keras.preprocessing import (
    Windows,
    Words,
    covered_words,
    find_words,
    inside_links,
    map_windows,
    slide,
    windows_per_batch,
)
from bert_keras.training import (
    IGNORED,
    TrainingData,
    combined_weights,
    flatten_sequences,
)

_CHUNK = 1024
_LOGITS = "logits"
# What `str.split` splits at.
_SPACES = [code for code in range(0x3001) if chr(code).isspace()]


class WordWindows(NamedTuple):
    """Windows over texts, and the words of the texts.

    Attributes:
        windows: Rows for the encoder.
        words: Of each text.
        places: Of the first piece of each word, counting the pieces of all
            texts, int32 [words].
    """

    windows: Windows
    words: Words
    places: tf.Tensor

    def logits(self, network, outputs: int) -> tf.RaggedTensor:
        """Returns what a network says of the first pieces of words.

        Args:
            network: Packed ids in, float32 [windows, length, outputs] out.
            outputs: Of each piece.

        Returns:
            float32 [batch, (words), outputs]; each piece is looked at where
            it has most context.
        """

        def look(part: Windows) -> dict:
            logits = network(part.inputs, training=False, packed=True)
            return {_LOGITS: tf.boolean_mask(logits, part.is_max_context)}

        spec = tf.TensorSpec([None, outputs], tf.float32)
        flat = map_windows(
            look,
            self.windows,
            {_LOGITS: spec},
            batch_size=windows_per_batch(self.windows),
        )[_LOGITS]
        return self.words.first.with_flat_values(tf.gather(flat, self.places))


def find_word_windows(
    preprocessor, text: tf.Tensor, predicate: tf.Tensor | None = None
) -> WordWindows:
    """Tokenizes texts of any length and lays windows over them, in the graph.

    A window begins where half of the one before it is over.

    Args:
        preprocessor: Strings to ids.
        text: Strings [batch].
        predicate: Number of a word in `text.split()`, int32 [batch]. Its
            pieces get the type id 1. A text without this word has no words.
    """
    stride = max(1, (preprocessor.max_length - 2) // 2)
    windows = slide(preprocessor, text, stride=stride)
    rows = windows.text_indices[:, None] + tf.zeros_like(windows.starts)
    marks = None  # [windows, length], whether the predicate is here
    if predicate is not None:
        marks = tf.equal(
            _word_numbers(text, rows, windows.starts),
            tf.gather(predicate, rows),
        )
        marks &= windows.token_indices >= 0
        types = {contract.INPUT_TYPE_IDS: tf.cast(marks, tf.int32)}
        windows = windows._replace(inputs=windows.inputs | types)
    # In each window the pieces with most context: together all, in order.
    row = tf.boolean_mask(rows, windows.is_max_context)
    pieces = [
        tf.RaggedTensor.from_value_rowids(
            tf.boolean_mask(values, windows.is_max_context),
            row,
            nrows=tf.size(text, tf.int32),
            validate=False,
        )
        for values in (
            windows.inputs[contract.INPUT_WORD_IDS],
            windows.starts,
            windows.ends,
        )
    ]
    ids, starts, ends = pieces
    words = find_words(
        preprocessor.vocabulary, ids, starts, ends, inside_links(text)
    )
    places = words.first + tf.cast(ids.row_starts(), tf.int32)[:, None]
    if marks is not None:
        known = _any_by_text(marks, windows.text_indices, tf.size(text))
        kept = tf.gather(known, words.first.value_rowids())
        kept = words.first.with_flat_values(kept)
        places = tf.ragged.boolean_mask(places, kept)
        words = Words(*(tf.ragged.boolean_mask(part, kept) for part in words))
    return WordWindows(windows, words, places.flat_values)


def _any_by_text(marks, rows, count) -> tf.Tensor:
    """Returns whether any window of a text has a mark, bool [batch]."""
    marked = tf.cast(tf.reduce_any(marks, axis=1), tf.int32)
    return tf.math.unsorted_segment_max(marked, rows, count) > 0


def _word_numbers(
    texts: tf.Tensor, rows: tf.Tensor, starts: tf.Tensor
) -> tf.Tensor:
    """Returns which word of `text.split()` stands at a character, from 0.

    Args:
        texts: Strings [batch].
        rows: Which text, int32 [...].
        starts: Characters of it, none of them a space, int32 [...].
    """
    characters = tf.strings.unicode_decode(texts, "UTF-8", errors="ignore")
    spaces = tf.reduce_any(
        characters.flat_values[:, None] == tf.constant(_SPACES), axis=1
    )
    at_start = tf.equal(tf.ragged.range(characters.row_lengths()), 0)
    after_space = tf.concat([[True], spaces[:-1]], axis=0)[: tf.size(spaces)]
    begins = ~spaces & (after_space | at_start.flat_values)
    through = tf.concat([[0], tf.cumsum(tf.cast(begins, tf.int32))], axis=0)
    before = tf.gather(tf.cast(characters.row_starts(), tf.int32), rows)
    at = tf.gather(through, before + starts + 1)
    return at - tf.gather(through, before) - 1


def word_targets(
    columns: dict[str, list],
    entities: Sequence[Sequence[tuple]],
    word_starts: Sequence[Sequence[int] | None] | None,
    preprocessor,
    tags: Sequence[str],
    weights: np.ndarray | None = None,
) -> TrainingData:
    """Returns windows of texts and the tag of the first piece of each word.

    Where an author split the words, the rest of a word that the tokenizer
    cuts up has no tag, unless it is of an entity: `'t` of `don't` was not
    looked at when somebody wrote that it is no name.

    Args:
        columns: The inputs by name, as for `find_word_windows`.
        entities: (start, end, label) in characters, of each text.
        word_starts: Characters at which the words of each text begin;
            `None` if nobody split it, or none of them.
        preprocessor: Strings to ids.
        tags: Names of the tags; a tag's target is its index here.
        weights: Factor on the loss of each text, float32 [texts].
    """
    number = {tag: place for place, tag in enumerate(tags)}
    word_starts = word_starts or [None] * len(entities)
    batches, targets, words, texts = [], [], [], []
    for start in range(0, len(entities), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        found = find_word_windows(
            preprocessor,
            **{name: tf.constant(v[chunk]) for name, v in columns.items()},
        )
        batches.append(found.windows.inputs)
        most = found.windows.is_max_context.numpy()
        pieces = np.full(most.sum(), IGNORED, np.int32)
        pieces[found.places] = _tags(
            found.words, entities[chunk], word_starts[chunk], number
        )
        laid = np.full(most.shape, IGNORED, np.int32)
        laid[most] = pieces
        mask = found.windows.inputs[contract.INPUT_MASK].numpy()
        targets.append(laid[mask.astype(bool)])
        words.append((laid != IGNORED).sum(axis=1))
        texts.append(start + found.windows.text_indices.numpy())
    # Each word counts the same, in sequences of many words as in those of few.
    counts = np.maximum(np.concatenate(words), 1)
    of_texts = None if weights is None else weights[np.concatenate(texts)]
    return TrainingData(
        flatten_sequences(batches),
        np.concatenate(targets),
        combined_weights(counts, of_texts),
        per_token=True,
    )


def _tags(words: Words, entities, word_starts, number: dict) -> np.ndarray:
    """Returns the tags of the words of a chunk, int32 [words]."""
    starts, ends = (part.flat_values.numpy() for part in words[1:])
    tags = np.full(len(starts), number["O"], np.int32)
    splits = words.starts.row_splits.numpy()
    for row, spans in enumerate(entities):
        here = slice(splits[row], splits[row + 1])
        if word_starts[row] is not None:
            tags[here][~np.isin(starts[here], word_starts[row])] = IGNORED
        covered = covered_words(starts[here], ends[here], spans)
        for (first, after), span in zip(covered, spans, strict=True):
            if first < after:
                first, after = first + here.start, after + here.start
                tags[first] = number[f"B-{span[-1]}"]
                tags[first + 1 : after] = number[f"I-{span[-1]}"]
    return tags
