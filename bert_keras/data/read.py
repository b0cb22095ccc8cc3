"""One function that reads labelled or unlabelled texts from any source.

source -> table -> choice of columns -> examples
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
    squeezed,
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

    Labels and weights may be passed along with the texts, as in Keras:

    | source                                | `labels`     | `sample_weight` |
    |---------------------------------------|--------------|-----------------|
    | `["a", "b"]`                          | `["x", "y"]` | `[1.0, 0.5]`    |
    | `[("a", "c"), ("b", "d")]`, pairs     | `["x", "y"]` | `None`          |
    | `(texts, texts_b)`, two columns       | `["x", "y"]` | `None`          |

    Each may be a list, a NumPy array, a pandas Series, a `tf.Tensor` or a
    generator. All other sources contain their labels and weights:

    | source                                | what it is                     |
    |---------------------------------------|--------------------------------|
    | `"train.tsv"`                         | header line, quotes are plain  |
    | `"train.csv"`                         | header line, RFC 4180 quotes   |
    | `"train.jsonl"`                       | one JSON object per line       |
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
    | `Examples`                            | returned unchanged             |

    Args:
        source: One of the above.
        labels: The label of each text, unless the source contains them.
        sample_weight: Weight of each example in the loss, finite and not
            negative; in tables a column of that name.
        text: Name of the text column. Detected if `None`: `text`, or a name
            from published data sets; see `choose_columns`.
        text_b: Name of the column of second texts; detected with `text`.
        label: Name of the label column; detected if `None`.
        labelled: Whether to read labels. If not, a label column is ignored
            and tuples of two texts are pairs.
        limit: Maximum number of examples; required for an infinite dataset or
            generator.

    Returns:
        The examples in the order of the source.

    Raises:
        DataError: If the source cannot be read, lacks a column or has bad
            rows (one message reports all of them), or if lengths differ.

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
            f"columns {quoted(table.columns)} without any rows. Check that "
            "the source was written completely."
        )
    if namer and columns.label and examples.labels is not None:
        _name_classes(examples.labels, namer(columns.label))
    return examples


def _with_columns(
    table: Table, labels, sample_weight, limit: int | None
) -> Table:
    """Returns the table with the labels and weights passed along with it."""
    added = {}
    if labels is not None:
        added["label"] = listed(squeezed(labels), "labels", limit)
    if sample_weight is not None:
        weights = squeezed(sample_weight)
        added[WEIGHT_NAME] = listed(weights, "sample_weight", limit)
    return add_columns(table, added) if added else table


def _file_table(source: str | Path) -> Table:
    path = find_file(source)
    reader = FORMATS.get(file_format(path))
    if reader is None:
        raise DataError(
            f"{source}: Expected a file that ends in "
            f"{', '.join('.' + name for name in FORMATS)} (.gz may follow). "
            f"Received: {path.name!r}. Rename it so that the extension says "
            "what it contains."
        )
    return reader(read_lines(path, str(source)), str(source))


def file_format(path: Path) -> str:
    """Returns the format that a file name indicates: `tsv` for `a.tsv.gz`."""
    return Path(path.name.removesuffix(".gz")).suffix.removeprefix(".").lower()


def _name_classes(labels: list, name) -> None:
    """Replaces class ids by names, in place; negative ids mean no label."""
    if name is not None:
        labels[:] = [name(i) if i >= 0 else "" for i in labels]
