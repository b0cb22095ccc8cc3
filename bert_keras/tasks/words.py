"""Texts as packed pieces that know their words, to learn from and to answer."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from bert_keras import contract
from bert_keras.preprocessing import covered_words, find_words
from bert_keras.training import IGNORED, TrainingData, flat_rows

_CHUNK = 1024
# What `str.split` splits at.
_SPACES = [code for code in range(0x3001) if chr(code).isspace()]


class PackedWords(NamedTuple):
    """Rows for the encoder, and where the words of their texts are in them.

    Attributes:
        inputs: The encoder's inputs, each int32 [rows, length].
        places: Of the first piece of each word among all places of `inputs`,
            int64 [batch, (words)].
        starts: First character of each word, int32 [batch, (words)].
        ends: The character after its last, the same.
    """

    inputs: dict[str, tf.Tensor]
    places: tf.RaggedTensor
    starts: tf.RaggedTensor
    ends: tf.RaggedTensor

    def of_words(self, values: tf.Tensor) -> tf.RaggedTensor:
        """Returns what stands at the first piece of each word.

        Args:
            values: [rows, length, width].

        Returns:
            [batch, (words), width].
        """
        flat = tf.reshape(values, [-1, values.shape[-1]])
        return self.places.with_flat_values(
            tf.gather(flat, self.places.flat_values)
        )


def pack_words(
    preprocessor, text: tf.Tensor, predicate: tf.Tensor | None = None
) -> PackedWords:
    """Tokenizes and packs texts, in the graph.

    Args:
        preprocessor: Strings to ids.
        text: Strings [batch].
        predicate: Number of a word in `text.split()`, int32 [batch]. Its
            pieces get the type id 1. A text without this word has no words.
    """
    ids, starts, ends = preprocessor.tokenize_with_offsets(text)
    words = find_words(preprocessor.vocabulary, ids, starts, ends)
    inputs = dict(preprocessor.pack(ids))
    length = tf.shape(inputs[contract.INPUT_WORD_IDS])[1]
    kept = words.first < preprocessor.max_length - 2
    if predicate is not None:
        marks = _word_numbers(text, starts) == predicate[:, None]
        kept &= tf.reduce_any(marks, axis=1)[:, None]
        inputs[contract.INPUT_TYPE_IDS] = _laid_out(marks, length)
    rows = tf.cast(words.first.value_rowids(), tf.int32)
    places = words.first.with_flat_values(
        rows * length + words.first.flat_values + 1
    )
    return PackedWords(
        inputs,
        *(
            tf.ragged.boolean_mask(part, kept)
            for part in (places, words.starts, words.ends)
        ),
    )


def _laid_out(marks: tf.RaggedTensor, length: tf.Tensor) -> tf.Tensor:
    """Returns marks of pieces as rows like the inputs', int32."""
    shape = tf.cast(tf.stack([tf.constant(-1), length - 2]), tf.int64)
    values = tf.cast(marks, tf.int32).to_tensor(shape=shape)
    return tf.pad(values, [[0, 0], [1, 1]])


def _word_numbers(texts: tf.Tensor, starts: tf.RaggedTensor) -> tf.RaggedTensor:
    """Returns which word of `text.split()` each piece is in, from 0."""
    characters = tf.strings.unicode_decode(texts, "UTF-8", errors="ignore")
    spaces = tf.reduce_any(
        characters.flat_values[:, None] == tf.constant(_SPACES), axis=1
    )
    at_start = tf.equal(tf.ragged.range(characters.row_lengths()), 0)
    after_space = tf.concat([[True], spaces[:-1]], axis=0)
    begins = ~spaces & (after_space | at_start.flat_values)
    through = tf.concat([[0], tf.cumsum(tf.cast(begins, tf.int32))], axis=0)
    rows = tf.gather(characters.row_starts(), starts.value_rowids())
    places = rows + tf.cast(starts.flat_values, tf.int64)
    numbers = tf.gather(through, places + 1) - tf.gather(through, rows) - 1
    return starts.with_flat_values(numbers)


def word_targets(
    columns: dict[str, list],
    entities: Sequence[Sequence[tuple]],
    preprocessor,
    tags: Sequence[str],
) -> TrainingData:
    """Returns packed texts and the tag of the first piece of each word.

    Args:
        columns: The inputs by name, as for `pack_words`.
        entities: (start, end, label) in characters, of each text.
        preprocessor: Strings to ids.
        tags: Names of the tags; a tag's target is its place here.
    """
    number = {tag: place for place, tag in enumerate(tags)}
    batches, targets, words = [], [], []
    for start in range(0, len(entities), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        packed = pack_words(
            preprocessor,
            **{name: tf.constant(v[chunk]) for name, v in columns.items()},
        )
        batches.append(packed.inputs)
        mask = packed.inputs[contract.INPUT_MASK].numpy().astype(bool)
        laid = np.full(mask.size, IGNORED, np.int32)
        laid[packed.places.flat_values] = _tags(packed, entities[chunk], number)
        laid = laid.reshape(mask.shape)
        targets.append(laid[mask])
        words.append((laid != IGNORED).sum(axis=1))
    # Each word counts the same, in rows of many words as in rows of few.
    weights = np.maximum(np.concatenate(words), 1).astype(np.float32)
    return TrainingData(
        flat_rows(batches), np.concatenate(targets), weights, per_token=True
    )


def _tags(packed: PackedWords, entities, number: dict) -> np.ndarray:
    """Returns the tags of the words of a chunk, int32 [words]."""
    tags = np.full(len(packed.places.flat_values), number["O"], np.int32)
    splits = packed.places.row_splits.numpy()
    starts = packed.starts.flat_values.numpy()
    ends = packed.ends.flat_values.numpy()
    for row, spans in enumerate(entities):
        here = slice(splits[row], splits[row + 1])
        covered = covered_words(starts[here], ends[here], spans)
        for (first, after), span in zip(covered, spans, strict=True):
            if first < after:
                first, after = first + here.start, after + here.start
                tags[first] = number[f"B-{span[-1]}"]
                tags[first + 1 : after] = number[f"I-{span[-1]}"]
    return tags
