"""`tf.data.Dataset` and TensorFlow Datasets as tables.

Nothing here imports TensorFlow: a dataset that is given has brought it along.
"""

import importlib
import itertools
from collections.abc import Callable

from bert_keras.data.errors import DataError
from bert_keras.data.memory import tuple_columns
from bert_keras.data.table import Row, Table

TFDS_PREFIX = "tfds://"


def dataset_table(
    dataset, source: str = "a tf.data.Dataset", *, labelled: bool = True
) -> Table:
    """Reads a dataset of texts.

    Args:
        dataset: A finite `tf.data.Dataset`, batched or not, of `text`,
            `(text, label)`, `((text, text_b), label)` or dicts.
        source: Its description in messages.
        labelled: Whether labels are wanted.

    Returns:
        A table whose rows are numbered from 0.

    Raises:
        DataError: If the dataset never ends or its elements have another form.
    """
    # -1 is tf.data.INFINITE_CARDINALITY.
    if int(dataset.cardinality()) == -1:
        raise DataError(
            f"{source}: Expected a dataset that ends. Received one that "
            "repeats forever. Leave out .repeat(), or bound it with .take(n)."
        )
    if _is_batched(dataset.element_spec):
        dataset = dataset.unbatch()
    elements = dataset.as_numpy_iterator()
    if isinstance(dataset.element_spec, dict):
        names = list(dataset.element_spec)
        rows = (Row(i, element) for i, element in enumerate(elements))
        return Table(source, names, rows)
    items = map(_flat, elements)
    first = next(items, None)
    if first is None:
        return Table(source, ["text", "label"], iter(()))
    names = tuple_columns(first, source, labelled=labelled)
    rows = (
        Row(i, dict(zip(names, _cells(item), strict=True)))
        for i, item in enumerate(itertools.chain([first], items))
    )
    return Table(source, names, rows)


def tfds_table(handle: str) -> tuple[Table, Callable]:
    """Reads a split of a data set that TensorFlow Datasets knows.

    Args:
        handle: `tfds://NAME?split=SPLIT`, such as
            `tfds://glue/sst2?split=train` or
            `tfds://imdb_reviews?split=train[:10%]`.

    Returns:
        The table, and a function of a column name that returns the function
        from that column's class ids to class names (or `None` if the column
        holds no classes).

    Raises:
        DataError: If TensorFlow Datasets is not installed, or knows no such
            data set or split.
    """
    name, _, split = handle.removeprefix(TFDS_PREFIX).partition("?split=")
    if not name or not split:
        raise DataError(
            f"Expected {TFDS_PREFIX}NAME?split=SPLIT. Received: {handle!r}. "
            f"Try {TFDS_PREFIX}{name or 'glue/sst2'}?split=train"
        )
    builder = _prepared(name, handle)
    try:
        dataset = builder.as_dataset(split=split)
    except (KeyError, ValueError) as error:
        raise DataError(
            f"{handle}: Expected one of the splits "
            f"{', '.join(builder.info.splits)}. Received: {split!r} ({error})"
        ) from error
    features = builder.info.features

    def namer(column: str) -> Callable | None:
        return getattr(features[column], "int2str", None)

    return dataset_table(dataset, handle), namer


def _prepared(name: str, handle: str):
    """Returns the builder of a data set, downloaded and prepared."""
    try:
        tfds = importlib.import_module("tensorflow_datasets")
    except ImportError as error:
        raise DataError(
            f"{handle}: Expected TensorFlow Datasets to be installed. "
            f'Received: {error}. Run: pip install "bert-keras[tfds]"'
        ) from None
    try:
        builder = tfds.builder(name)
    # tfds raises DatasetNotFoundError, a ValueError in some versions only.
    except Exception as error:
        raise DataError(
            f"{handle}: Expected the name of a data set that TensorFlow "
            f"Datasets knows. Received: {name!r} ({error}). The names are at "
            "https://www.tensorflow.org/datasets/catalog/overview"
        ) from error
    builder.download_and_prepare()
    return builder


def _is_batched(spec) -> bool:
    """Whether every component has a batch dimension.

    A component alone may have one for another reason: several labels.
    """
    if isinstance(spec, dict):
        spec = tuple(spec.values())
    if isinstance(spec, tuple):
        return all(map(_is_batched, spec))
    return spec.shape.rank != 0


def _flat(element):
    """Returns ((text, text_b), label) as (text, text_b, label)."""
    if isinstance(element, tuple) and isinstance(element[0], tuple):
        return (*element[0], *element[1:])
    return element


def _cells(item) -> tuple:
    return item if isinstance(item, tuple) else (item,)
