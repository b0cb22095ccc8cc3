"""Running text as token sequences, which neighbouring lines share."""

import logging
from collections.abc import Iterable, Iterator

import numpy as np

from bert_keras.data import DataError, Documents
from bert_keras.training import TokenSequences

logger = logging.getLogger(__name__)

_CHUNK = 1024


def passage_sequences(
    documents: Documents, preprocessor, *, join_lines: bool = True
) -> tuple[TokenSequences, np.ndarray]:
    """Packs running text into sequences, without truncating any of it.

    With `join_lines` a sequence is filled with consecutive lines of a
    document, as many as fit completely, which gives the network more context.
    A line that is longer than a sequence is split, between words if possible.
    Sequences of nothing but unknown and special tokens, in which there is
    nothing to mask, are left out and counted.

    Args:
        documents: The text.
        preprocessor: Strings to ids; its `max_length` is the longest sequence.
        join_lines: Whether lines share sequences; otherwise each has its own.

    Returns:
        The sequences, and the id of the document that each is from, int
        [sequences].

    Raises:
        DataError: If no sequences are left.
    """
    vocabulary = preprocessor.vocabulary
    room = preprocessor.max_length - 2
    parts = _parts(
        _tokenized(documents, preprocessor), vocabulary.begins_word, room
    )
    cls, sep = [vocabulary.cls_id], [vocabulary.sep_id]
    every = [
        (number, np.concatenate([cls, *ids, sep]))
        for number, ids in _filled(parts, room if join_lines else 0)
    ]
    special = list(map(vocabulary.id_of, vocabulary.config.special_tokens))
    kept = [(n, ids) for n, ids in every if not np.isin(ids, special).all()]
    if not kept:
        raise DataError(
            f"{documents.source}: Expected text in the language of the "
            "vocabulary. Received nothing but unknown tokens."
        )
    if len(kept) < len(every):
        logger.warning(
            "%s: %s of %s sequences hold nothing but unknown tokens, and are "
            "left out.",
            documents.source,
            f"{len(every) - len(kept):,}",
            f"{len(every):,}",
        )
    numbers, ids = zip(*kept, strict=True)
    word_ids = np.concatenate(ids).astype(np.int32)
    starts = np.cumsum([0, *map(len, ids)])
    sequences = TokenSequences(
        word_ids, np.zeros_like(word_ids, np.int8), starts
    )
    return sequences, np.array(numbers)


def _tokenized(
    documents: Documents, preprocessor
) -> Iterator[tuple[int, np.ndarray]]:
    """Yields the document and the ids of each line."""
    for start in range(0, len(documents), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        ids = preprocessor.tokenize(documents.texts[chunk])
        splits = ids.row_splits.numpy()[1:-1]
        yield from zip(
            documents.document_ids[chunk],
            np.split(ids.flat_values.numpy(), splits),
            strict=True,
        )


def _parts(
    lines: Iterable[tuple[int, np.ndarray]], begins: np.ndarray, room: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Yields lines, long ones in parts that fit into a sequence."""
    for number, ids in lines:
        while len(ids) > room:
            # Before the last word that begins here, or else within a word.
            positions = np.flatnonzero(begins[ids[1 : room + 1]])
            end = positions[-1] + 1 if len(positions) else room
            yield number, ids[:end]
            ids = ids[end:]
        if len(ids):
            yield number, ids


def _filled(
    parts: Iterable[tuple[int, np.ndarray]], room: int
) -> Iterator[tuple[int, list[np.ndarray]]]:
    """Yields the document and the parts of each sequence."""
    filled, size, here = [], 0, -1
    for number, ids in parts:
        if filled and (number != here or size + len(ids) > room):
            yield here, filled
            filled, size = [], 0
        filled.append(ids)
        size += len(ids)
        here = number
    if filled:
        yield here, filled
