"""Texts as windows with their words, for training and inference."""

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
# The characters at which `str.split` splits.
_SPACES = [code for code in range(0x3001) if chr(code).isspace()]


class WordWindows(NamedTuple):
    """Windows over texts, and the words of the texts.

    Attributes:
        windows: Sequences for the encoder.
        words: The words of each text.
        positions: Index of the first token of each word among the tokens of
            all texts, int32 [words].
    """

    windows: Windows
    words: Words
    positions: tf.Tensor

    def logits(self, network, outputs: int) -> tf.RaggedTensor:
        """Returns the logits of a network for the first tokens of words.

        Args:
            network: Packed ids in, float32 [windows, length, outputs] out.
            outputs: Number of logits per token.

        Returns:
            float32 [batch, (words), outputs]; those of each token are from
            the window in which it has the most context.
        """

        def compute(part: Windows) -> dict:
            logits = network(part.inputs, training=False, packed=True)
            return {_LOGITS: tf.boolean_mask(logits, part.is_max_context)}

        spec = tf.TensorSpec([None, outputs], tf.float32)
        flat = map_windows(
            compute,
            self.windows,
            {_LOGITS: spec},
            batch_size=windows_per_batch(self.windows),
        )[_LOGITS]
        of_words = tf.gather(flat, self.positions)
        return self.words.first.with_flat_values(of_words)


def find_word_windows(
    preprocessor, text: tf.Tensor, predicate: tf.Tensor | None = None
) -> WordWindows:
    """Tokenizes texts of any length and splits them into windows, in the graph.

    Windows overlap by half.

    Args:
        preprocessor: Strings to ids.
        text: Strings [batch].
        predicate: Index of a word in `text.split()`, int32 [batch]. Its
            tokens get the type id 1. A text without this word has no words.
    """
    stride = max(1, (preprocessor.max_length - 2) // 2)
    windows = slide(preprocessor, text, stride=stride)
    texts = windows.text_indices[:, None] + tf.zeros_like(windows.starts)
    marks = None  # [windows, length], whether the predicate is here
    if predicate is not None:
        marks = tf.equal(
            _word_indices(text, texts, windows.starts),
            tf.gather(predicate, texts),
        )
        marks &= windows.token_indices >= 0
        types = {contract.INPUT_TYPE_IDS: tf.cast(marks, tf.int32)}
        windows = windows._replace(inputs=windows.inputs | types)
    # The tokens with the most context in their window: all tokens, in order.
    token_texts = tf.boolean_mask(texts, windows.is_max_context)
    tokens = [
        tf.RaggedTensor.from_value_rowids(
            tf.boolean_mask(values, windows.is_max_context),
            token_texts,
            nrows=tf.size(text, tf.int32),
            validate=False,
        )
        for values in (
            windows.inputs[contract.INPUT_WORD_IDS],
            windows.starts,
            windows.ends,
        )
    ]
    ids, starts, ends = tokens
    words = find_words(
        preprocessor.vocabulary, ids, starts, ends, inside_links(text)
    )
    positions = words.first + tf.cast(ids.row_starts(), tf.int32)[:, None]
    if marks is not None:
        known = _any_by_text(marks, windows.text_indices, tf.size(text))
        kept = tf.gather(known, words.first.value_rowids())
        kept = words.first.with_flat_values(kept)
        positions = tf.ragged.boolean_mask(positions, kept)
        words = Words(*(tf.ragged.boolean_mask(part, kept) for part in words))
    return WordWindows(windows, words, positions.flat_values)


def _any_by_text(marks, text_indices, count) -> tf.Tensor:
    """Returns whether any window of a text has a mark, bool [batch]."""
    marked = tf.cast(tf.reduce_any(marks, axis=1), tf.int32)
    return tf.math.unsorted_segment_max(marked, text_indices, count) > 0


def _word_indices(
    texts: tf.Tensor, indices: tf.Tensor, starts: tf.Tensor
) -> tf.Tensor:
    """Returns the index in `text.split()` of the word at a character.

    Args:
        texts: Strings [batch].
        indices: Which text, int32 [...].
        starts: Which character of it, never a space, int32 [...].
    """
    characters = tf.strings.unicode_decode(texts, "UTF-8", errors="ignore")
    spaces = tf.reduce_any(
        characters.flat_values[:, None] == tf.constant(_SPACES), axis=1
    )
    at_start = tf.equal(tf.ragged.range(characters.row_lengths()), 0)
    after_space = tf.concat([[True], spaces[:-1]], axis=0)[: tf.size(spaces)]
    begins = ~spaces & (after_space | at_start.flat_values)
    through = tf.concat([[0], tf.cumsum(tf.cast(begins, tf.int32))], axis=0)
    before = tf.gather(tf.cast(characters.row_starts(), tf.int32), indices)
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
    """Returns windows of texts and the tag of the first token of each word.

    If the words come from the data, a word that the tokenizer splits further
    has a tag at its start only, unless it belongs to an entity: the annotators
    of `don't` did not say anything about `'t`.

    Args:
        columns: The inputs by name, as for `find_word_windows`.
        entities: (start, end, label) in characters, for each text.
        word_starts: Characters at which the words of each text begin; `None`
            for a text, or for all, whose words are not given.
        preprocessor: Strings to ids.
        tags: Names of the tags; a tag's target is its index here.
        weights: Factor on the loss of each text, float32 [texts].
    """
    tag_ids = {tag: index for index, tag in enumerate(tags)}
    word_starts = word_starts or [None] * len(entities)
    batches, targets, words, texts = [], [], [], []
    for start in range(0, len(entities), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        found = find_word_windows(
            preprocessor,
            **{name: tf.constant(v[chunk]) for name, v in columns.items()},
        )
        batches.append(found.windows.inputs)
        is_max_context = found.windows.is_max_context.numpy()
        tokens = np.full(is_max_context.sum(), IGNORED, np.int32)
        tokens[found.positions] = _tags(
            found.words, entities[chunk], word_starts[chunk], tag_ids
        )
        padded = np.full(is_max_context.shape, IGNORED, np.int32)
        padded[is_max_context] = tokens
        mask = found.windows.inputs[contract.INPUT_MASK].numpy()
        targets.append(padded[mask.astype(bool)])
        words.append((padded != IGNORED).sum(axis=1))
        texts.append(start + found.windows.text_indices.numpy())
    # Each word counts the same, whether its sequence has many words or few.
    counts = np.maximum(np.concatenate(words), 1)
    if weights is not None:
        weights = weights[np.concatenate(texts)]
    return TrainingData(
        flatten_sequences(batches),
        np.concatenate(targets),
        combined_weights(counts, weights),
        per_token=True,
    )


def _tags(words: Words, entities, word_starts, tag_ids: dict) -> np.ndarray:
    """Returns the tags of the words of a chunk, int32 [words]."""
    starts, ends = (part.flat_values.numpy() for part in words[1:])
    tags = np.full(len(starts), tag_ids["O"], np.int32)
    splits = words.starts.row_splits.numpy()
    for text, spans in enumerate(entities):
        here = slice(splits[text], splits[text + 1])
        if word_starts[text] is not None:
            tags[here][~np.isin(starts[here], word_starts[text])] = IGNORED
        covered = covered_words(starts[here], ends[here], spans)
        for (first, after), span in zip(covered, spans, strict=True):
            if first < after:
                first, after = first + here.start, after + here.start
                tags[first] = tag_ids[f"B-{span[-1]}"]
                tags[first + 1 : after] = tag_ids[f"I-{span[-1]}"]
    return tags
