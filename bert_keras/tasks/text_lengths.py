"""How many texts are longer than a sequence, and how much is truncated."""

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
    """Counts the texts that are too long, and what happens to them.

    Only texts with more bytes than a sequence has tokens are tokenized, since
    a token has at least one byte.

    Args:
        problem: The task's problem.
        preprocessor: Strings to ids.
        columns: The texts by input, as `problem.texts` returns them.

    Returns:
        What `bert_keras.metrics.long_texts_line` says in words: `texts`, their
        number; `longer`, the number of those that do not fit into a sequence
        of `max_length` tokens; `truncated`, the number of those that are
        truncated, and `lost_tokens`, by how many tokens in all; `windows`, how
        they are read, and `sequences`, the number of sequences that makes.
        Empty for tasks without `long_text`, which always read everything.
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
    sequences, lost = _count(rule, sizes, room)
    return {
        "texts": len(texts[0]),
        "longer": int((sizes.sum(axis=0) > room).sum()),
        "truncated": int((lost > 0).sum()),
        "lost_tokens": int(lost.sum()),
        "windows": rule.windows,
        "sequences": int(sequences.sum()),
        "max_length": preprocessor.max_length,
    }


def _bytes(texts: Sequence[str]) -> np.ndarray:
    return np.array([len(text.encode("utf-8", "replace")) for text in texts])


def _count(
    rule: LongText, sizes: np.ndarray, room: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the sequences and the lost tokens of each text; see `slide`.

    Args:
        rule: How texts are read.
        sizes: Number of tokens, int [columns, texts].
        room: Tokens per sequence, without special tokens.
    """
    *before, over = sizes
    if rule.pooling is None:
        return np.ones_like(over), np.maximum(sizes.sum(axis=0) - room, 0)
    lost = np.zeros_like(over)
    for size in before:
        kept = np.minimum(size, np.maximum(room - over, room // 2))
        lost, room = lost + size - kept, room - kept
    step = np.maximum(1, np.minimum(rule.stride or room, room))
    windows = -(-np.maximum(over - room, 0) // step) + 1
    if rule.max_windows is not None:
        windows = np.minimum(windows, rule.max_windows)
    read = room + (windows - 1) * step
    return windows, lost + np.maximum(over - read, 0)
