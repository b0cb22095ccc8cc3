"""Running text: documents, which are lines that follow each other."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from bert_keras.data.errors import DataError
from bert_keras.data.files import find_file, read_lines
from bert_keras.data.read import file_format, read_examples


@dataclasses.dataclass(frozen=True)
class Documents:
    """Texts to learn a language from, held in memory.

    Attributes:
        texts: Lines: sentences, paragraphs or whole texts, none of them empty.
        numbers: Which document each is of, from 0, rising.
        source: File name, or a description such as `a list`.
    """

    texts: list[str]
    numbers: list[int]
    source: str = "a list"

    def __len__(self) -> int:
        return len(self.texts)


def read_documents(source, *, text: str | None = None) -> Documents:
    """Reads running text into memory.

    | source | documents |
    |---|---|
    | `"book.txt"` (or that and `.gz`) | between blank lines |
    | `[["a line", "the next"], ["another"]]` | each list of lines |
    | `["a text", "another"]` | each text is one |
    | a table, a data frame, a `tf.data.Dataset` | each row is one |
    | `Documents` | read already: given back |

    Args:
        source: One of the above; for tables see `read_examples`.
        text: Name of the column of texts; found if `None`.

    Returns:
        The documents in the order of the source; empty lines are left out.

    Raises:
        DataError: If the source cannot be read, or holds no text.

    Example:
        >>> read_documents([["One.", "Two."], ["Else."]]).numbers
        [0, 0, 1]
    """
    if isinstance(source, Documents):
        return source
    if isinstance(source, str | Path) and _is_plain(source):
        name = str(source)
        documents = _between_blank_lines(read_lines(find_file(source), name))
    elif _is_lists(source):
        name, documents = "a list", source
    else:
        found = read_examples(source, text=text, labelled=False)
        if found.texts_b is not None:
            raise DataError(
                f"{found.source}: Expected single texts. Received pairs. Name "
                "the column with --text-column (in Python: text='...'), or "
                "give lists of lines."
            )
        name, documents = found.source, ([line] for line in found.texts)
    return _collected(documents, name)


def _is_plain(source: str | Path) -> bool:
    return file_format(Path(source)) == "txt"


def _is_lists(source) -> bool:
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


def _collected(documents: Iterable[list[str]], name: str) -> Documents:
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
    return Documents(lines, numbers, name)
