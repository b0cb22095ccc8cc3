"""One function that reads labelled or unlabelled texts from anything.

A source becomes a table, the table's columns are chosen, its rows collected.
"""

import itertools
from dataclasses import replace
from pathlib import Path

from bert_keras.data.arrays import (
    check_given_beside,
    check_limit,
    is_dataset,
    listed,
    plain,
)
from bert_keras.data.columns import WEIGHT_NAME, choose_columns
from bert_keras.data.datasets import (
    TFDS_PREFIX,
    dataset_table,
    tfds_table,
)
from bert_keras.data.delimited import csv_table, tsv_table
from bert_keras.data.errors import DataError, quoted
from bert_keras.data.examples import Examples
from bert_keras.data.files import find_file, is_one_text, read_lines
from bert_keras.data.jsonl import jsonl_table
from bert_keras.data.memory import memory_table
from bert_keras.data.table import Table, add_columns, collect

FORMATS = {"tsv": tsv_table, "csv": csv_table, "jsonl": jsonl_table}


def read_examples(
    source,
    labels=None,
    sample_weight=None,
    *,
    text: str | None = None,
    text_b: str | None = None,
    label: str | None = None,
    labelled: bool = True,
    limit: int | None = None,
) -> Examples:
    """Reads texts, or pairs of texts, and their labels into memory.

    Texts may have their labels and weights beside them, as in Keras:

    | source                                | `labels`     | `sample_weight` |
    |---------------------------------------|--------------|-----------------|
    | `["a", "b"]`                          | `["x", "y"]` | `[1.0, 0.5]`    |
    | `[("a", "c"), ("b", "d")]`, pairs     | `["x", "y"]` | `None`          |
    | `(texts, texts_b)`, two columns       | `["x", "y"]` | `None`          |

    Each may be a list, a NumPy array, a pandas Series, a `tf.Tensor` or a
    generator. Everything else holds its labels and weights itself:

    | source                                | what it is                     |
    |---------------------------------------|--------------------------------|
    | `"train.tsv"`                         | header line, quotes are plain  |
    | `"train.csv"`                         | header line, RFC 4180 quotes   |
    | `"train.jsonl"`                       | a JSON object a line           |
    | `"train.tsv.gz"`                      | any of them, compressed        |
    | `"pkg://package/path/train.tsv"`      | a file in an installed package |
    | `"tfds://glue/sst2?split=train"`      | TensorFlow Datasets            |
    | `["a", "b"]`                          | texts, with `labelled=False`   |
    | `"a text"`                            | one, with `labelled=False`     |
    | `[("a", "x"), ("b", "y")]`            | (text, label)                  |
    | `[("a", "b", "x")]`                   | (text, text_b, label)          |
    | `(texts, labels)`                     | two columns                    |
    | `((texts, texts_b), labels)`          | three columns                  |
    | `(texts, labels, weights)`            | three columns                  |
    | `{"text": [...], "label": [...]}`     | columns by name                |
    | a pandas data frame                   | columns by name                |
    | a `tf.data.Dataset`                   | see `element_reader`           |
    | `Examples`                            | read already: given back       |

    Args:
        source: One of the above.
        labels: The label of each text, unless the source holds them.
        sample_weight: How much each example counts in the loss, a finite
            number of 0 or more; a column of that name in other sources.
        text: Name of the text column. Detected if `None`: `text`, or another
            name that published data sets use; see `choose_columns`.
        text_b: Name of the column of second texts; detected with `text`.
        label: Name of the label column; detected if `None`.
        labelled: Whether to read labels. If not, a label column is ignored,
            and a list of two texts each is a list of pairs.
        limit: How many examples to read at most; needed for a dataset or a
            generator that never ends.

    Returns:
        The examples in the order of the source.

    Raises:
        DataError: If the source cannot be read, lacks a column, or has bad
            rows, all of which the message counts; or if labels or weights
            are more or fewer than texts.

    Example:
        >>> examples = read_examples(["a fine film", "dull"], ["good", "bad"])
        >>> examples.texts, examples.labels
        (['a fine film', 'dull'], ['good', 'bad'])
    """
    check_limit(limit)
    check_given_beside(
        source,
        labels=labels,
        sample_weight=sample_weight,
        labelled=labelled,
        read=Examples,
    )
    if isinstance(source, Examples):
        return source
    if not labelled and is_one_text(source):
        source = [plain(source)]
    namer = None
    if isinstance(source, str) and source.startswith(TFDS_PREFIX):
        table, namer = tfds_table(source)
    elif isinstance(source, str | Path):
        table = _file_table(source)
    elif is_dataset(source):
        table = dataset_table(source, labelled=labelled, limit=limit)
    else:
        table = memory_table(
            source, labelled=labelled and labels is None, limit=limit
        )
    table = _with_columns(table, labels, sample_weight, limit)
    table = replace(table, rows=itertools.islice(table.rows, limit))
    columns = choose_columns(
        table.columns,
        table.source,
        text=text,
        text_b=text_b,
        label=label if labels is None else "label",
        labelled=labelled,
    )
    examples = collect(table, columns)
    if not len(examples) and (labelled or table.is_file):
        raise DataError(
            f"{table.source}: Expected at least one example. Received the "
            f"columns {quoted(table.columns)} without any row. Check that "
            "the source was written completely."
        )
    if namer and columns.label:
        _name_classes(examples.labels, namer(columns.label))
    return examples


def _with_columns(
    table: Table, labels, sample_weight, limit: int | None
) -> Table:
    """Returns the table with the labels and weights given beside it."""
    added = {}
    if labels is not None:
        added["label"] = listed(labels, "labels", limit)
    if sample_weight is not None:
        added[WEIGHT_NAME] = listed(sample_weight, "sample_weight", limit)
    return add_columns(table, added) if added else table


def _file_table(source: str | Path) -> Table:
    path = find_file(source)
    reader = FORMATS.get(file_format(path))
    if reader is None:
        raise DataError(
            f"{source}: Expected a file that ends in "
            f"{', '.join('.' + name for name in FORMATS)} (or that and .gz). "
            f"Received: {path.name!r}. Rename it to say what is in it."
        )
    return reader(read_lines(path, str(source)), str(source))


def file_format(path: Path) -> str:
    """Returns the suffix that says what is in a file: `tsv` for `a.tsv.gz`."""
    return Path(path.name.removesuffix(".gz")).suffix.removeprefix(".").lower()


def _name_classes(labels: list, name) -> None:
    """Replaces class ids by names, in place; a negative id is no label."""
    if name is not None:
        labels[:] = [name(i) if i >= 0 else "" for i in labels]
