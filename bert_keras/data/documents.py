"""Running text: documents of consecutive lines."""

import dataclasses
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import TypeGuard

import numpy as np

from bert_keras.data.arrays import beside, check_given_beside, check_limit
from bert_keras.data.errors import BadRows, DataError
from bert_keras.data.files import find_file, read_lines
from bert_keras.data.read import file_format, read_examples
from bert_keras.data.weights import as_weight, weight_array


@dataclasses.dataclass(frozen=True)
class Documents:
    """Texts to train a language model on, held in memory.

    Attributes:
        texts: Lines: sentences, paragraphs or whole texts, none of them empty.
        document_ids: The document that each line belongs to, from 0, ascending.
        source: File name, or a description such as `a list`.
        weights: Sample weight of each line, that of its document, float32
            [lines]; `None` if there are none.
    """

    texts: list[str]
    document_ids: list[int]
    source: str = "a list"
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.texts)


def read_documents(
    source,
    labels=None,
    sample_weight=None,
    *,
    text: str | None = None,
    limit: int | None = None,
) -> Documents:
    """Reads running text into memory.

    | source | documents |
    |---|---|
    | `"book.txt"` (or `.txt.gz`) | separated by blank lines |
    | `[["a line", "the next"], ["another"]]` | one per list of lines |
    | `["a text", "another"]` | one per text |
    | an array, a Series, a `tf.Tensor`, a generator of texts | one per text |
    | a table, a data frame, a `tf.data.Dataset` | one per row |
    | `Documents` | returned unchanged |

    Args:
        source: One of the above; for tables see `read_examples`.
        labels: Must be `None`: masked tokens are their own labels.
        sample_weight: Weight of each document in the loss, finite and not
            negative; in tables a column of that name.
        text: Name of the text column; detected if `None`.
        limit: Maximum number of documents; required for an infinite dataset
            or generator.

    Returns:
        The documents in the order of the source, without empty lines.

    Raises:
        DataError: If the source cannot be read, contains no text, or labels
            are given.

    Example:
        >>> read_documents([["One.", "Two."], ["Else."]]).document_ids
        [0, 0, 1]
    """
    check_limit(limit)
    check_given_beside(
        source,
        labels=labels,
        sample_weight=sample_weight,
        labelled=False,
        read=Documents,
    )
    if isinstance(source, Documents):
        return source
    weights = None
    if isinstance(source, str | Path) and _is_plain(source):
        name = str(source)
        documents = _between_blank_lines(read_lines(find_file(source), name))
    elif _is_lists(source):
        name, documents = "a list", source
        if sample_weight is not None:
            weights = _weights(source, sample_weight)
    else:
        # A str is a file here and no text, which a Path makes certain; it
        # would turn pkg:// into pkg:/, though.
        is_path = isinstance(source, str) and "://" not in source
        found = read_examples(
            Path(source) if is_path else source,
            sample_weight=sample_weight,
            text=text,
            labelled=False,
            limit=limit,
        )
        if found.texts_b is not None:
            raise DataError(
                f"{found.source}: Expected single texts. Received pairs. Name "
                "the column with --text-column (in Python: text='...'), or "
                "give lists of lines."
            )
        name, documents = found.source, ([line] for line in found.texts)
        weights = found.weights
    return _collected(itertools.islice(documents, limit), name, weights)


def _is_plain(source: str | Path) -> bool:
    return file_format(Path(source)) == "txt"


def _is_lists(source) -> TypeGuard[list[list[str]]]:
    return (
        isinstance(source, list)
        and bool(source)
        and all(
            isinstance(document, list)
            and all(isinstance(line, str) for line in document)
            for document in source
        )
    )


def _between_blank_lines(lines: Iterable[str]) -> Iterable[list[str]]:
    document = []
    for line in lines:
        if line.strip():
            document.append(line.strip())
        elif document:
            yield document
            document = []
    yield document


def _weights(documents: list[list[str]], given) -> np.ndarray | None:
    """Returns the weight of each document, float32 [documents]."""
    weights, bad = [], BadRows()
    for index, weight in enumerate(beside(documents, given, "sample_weight")):
        try:
            weights.append(as_weight(weight))
        except DataError as error:
            bad.add(f"a list, index {index}", str(error))
    bad.raise_if_any(
        expected="a sample weight for each document",
        remedy="Correct these weights, or leave out `sample_weight`.",
    )
    return weight_array(weights, "a list")


def _collected(
    documents: Iterable[list[str]], name: str, weights: np.ndarray | None
) -> Documents:
    lines, numbers = [], []
    for number, document in enumerate(documents):
        kept = [line for line in document if line.strip()]
        lines += kept
        numbers += [number] * len(kept)
    if not lines:
        raise DataError(
            f"{name}: Expected at least one line of text. Received none. "
            "Check that the source was written completely."
        )
    if weights is not None:
        weights = weights[numbers]
    return Documents(lines, numbers, name, weights)
