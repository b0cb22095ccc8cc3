"""How many texts are longer than a row, and what of them is not read."""

from collections.abc import Mapping, Sequence

import numpy as np

from bert_keras.metrics import LONG_TEXTS
from bert_keras.tasks.long_text import LongText

_CHUNK = 1024


def measure(problem, preprocessor, examples, answers: Mapping) -> dict:
    """Returns the metrics of answers, and how many texts were too long."""
    counts = count_long_texts(problem, preprocessor, problem.texts(examples))
    metrics = problem.measure(examples, answers)
    return metrics | {LONG_TEXTS: counts} if counts else metrics


def count_long_texts(
    problem, preprocessor, columns: Mapping[str, Sequence[str]]
) -> dict:
    """Counts what training and answers do with texts that are too long.

    Only texts whose bytes are more than the pieces of a row are tokenized: a
    piece has a byte at least.

    Args:
        problem: Of the task.
        preprocessor: Strings to ids.
        columns: The texts by input, as `problem.texts` returns them.

    Returns:
        What `bert_keras.metrics.long_texts_line` says in words: `texts`, how
        many there are; `longer`, how many do not fit into a row of
        `max_length` pieces; `truncated`, of how many something is not read,
        and `lost_tokens`, how much of all; `windows`, how they are read, and
        `sequences`, how many rows that makes. Empty for tasks that always
        read all.
    """
    rule: LongText | None = getattr(problem, "long_text", None)
    if rule is None:
        return {}
    texts = list(columns.values())
    room = preprocessor.max_length - 1 - len(texts)
    sizes = np.zeros((len(texts), len(texts[0])), np.int64)
    large = np.flatnonzero(np.sum([_bytes(t) for t in texts], axis=0) > room)
    for start in range(0, len(large), _CHUNK):
        chosen = large[start : start + _CHUNK]
        for column, size in zip(texts, sizes, strict=True):
            ids = preprocessor.tokenize([column[i] for i in chosen])
            size[chosen] = ids.row_lengths()
    rows, lost = _read(rule, sizes, room)
    return {
        "texts": len(texts[0]),
        "longer": int((sizes.sum(axis=0) > room).sum()),
        "truncated": int((lost > 0).sum()),
        "lost_tokens": int(lost.sum()),
        "windows": rule.windows,
        "sequences": int(rows.sum()),
        "max_length": preprocessor.max_length,
    }


def _bytes(texts: Sequence[str]) -> np.ndarray:
    return np.array([len(text.encode("utf-8", "replace")) for text in texts])


def _read(
    rule: LongText, sizes: np.ndarray, room: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows and lost pieces of each text; see `slide`.

    Args:
        rule: How texts are read.
        sizes: Pieces, int [columns, texts].
        room: Pieces of a row, without special ones.
    """
    *before, over = sizes
    if rule.pooling is None:
        return np.ones_like(over), np.maximum(sizes.sum(axis=0) - room, 0)
    lost = np.zeros_like(over)
    for size in before:
        kept = np.minimum(size, np.maximum(room - over, room // 2))
        lost, room = lost + size - kept, room - kept
    step = np.maximum(1, np.minimum(rule.stride or room, room))
    rows = -(-np.maximum(over - room, 0) // step) + 1
    if rule.max_windows is not None:
        rows = np.minimum(rows, rule.max_windows)
    read = room + (rows - 1) * step
    return rows, lost + np.maximum(over - read, 0)
