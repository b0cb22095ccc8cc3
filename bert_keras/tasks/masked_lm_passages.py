"""Running text as rows to learn from: neighbouring lines share a row."""

import logging
from collections.abc import Iterable, Iterator

import numpy as np

from bert_keras.data import DataError, Documents
from bert_keras.training import Rows

logger = logging.getLogger(__name__)

_CHUNK = 1024
_CONTINUES = "##"


def passage_rows(
    documents: Documents, preprocessor, *, join_lines: bool = True
) -> Rows:
    """Packs running text into rows, and loses none of it.

    With `join_lines` a row is filled with the lines of a document that follow
    each other, as far as they fit whole: a network that is to guess has more
    to go by. A line that is longer than a row becomes several, cut between
    words where that is possible.

    Args:
        documents: The text.
        preprocessor: Strings to ids; its `max_length` is a row's at most.
        join_lines: Whether lines share rows; otherwise each has its own.

    Rows of nothing but unknown and special pieces, in which there is nothing
    to mask, are left out and counted.

    Raises:
        DataError: If that leaves none.
    """
    vocabulary = preprocessor.vocabulary
    begins = np.array([not p.startswith(_CONTINUES) for p in vocabulary.pieces])
    room = preprocessor.max_length - 2
    parts = _parts(_tokenized(documents, preprocessor), begins, room)
    cls, sep = [vocabulary.cls_id], [vocabulary.sep_id]
    every = [
        np.concatenate([cls, *row, sep])
        for row in _filled(parts, room if join_lines else 0)
    ]
    special = list(map(vocabulary.id_of, vocabulary.config.special_tokens))
    rows = [row for row in every if not np.isin(row, special).all()]
    if not rows:
        raise DataError(
            f"{documents.source}: Expected text in the language of the "
            "vocabulary. Received nothing but unknown pieces."
        )
    if len(rows) < len(every):
        logger.warning(
            "%s: %s of %s rows hold nothing but unknown pieces, and are left "
            "out.",
            documents.source,
            f"{len(every) - len(rows):,}",
            f"{len(every):,}",
        )
    word_ids = np.concatenate(rows).astype(np.int32)
    starts = np.cumsum([0, *map(len, rows)])
    return Rows(word_ids, np.zeros(len(word_ids), np.int8), starts)


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
    """Yields lines, long ones in parts that fit into a row."""
    for number, ids in lines:
        while len(ids) > room:
            # The last place at which a word begins, or else in a word.
            places = np.flatnonzero(begins[ids[1 : room + 1]])
            cut = places[-1] + 1 if len(places) else room
            yield number, ids[:cut]
            ids = ids[cut:]
        if len(ids):
            yield number, ids


def _filled(
    parts: Iterable[tuple[int, np.ndarray]], room: int
) -> Iterator[list[np.ndarray]]:
    """Yields the parts of each row."""
    row, size, here = [], 0, None
    for number, ids in parts:
        if row and (number != here or size + len(ids) > room):
            yield row
            row, size = [], 0
        row.append(ids)
        size += len(ids)
        here = number
    if row:
        yield row
