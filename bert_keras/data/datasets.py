"""`tf.data.Dataset` and TensorFlow Datasets as tables.

Nothing here imports TensorFlow: passing a dataset implies it is imported.
"""

import importlib
from collections.abc import Callable, Iterator

from bert_keras.data.arrays import plain
from bert_keras.data.elements import Names, element_reader, tagged_names
from bert_keras.data.errors import DataError
from bert_keras.data.table import Row, Table

TFDS_PREFIX = "tfds://"
_NAMES = Names()


def dataset_table(
    dataset,
    source: str = "a tf.data.Dataset",
    *,
    labelled: bool = True,
    limit: int | None = None,
    names: Names = _NAMES,
) -> Table:
    """Reads a dataset of texts.

    Args:
        dataset: A `tf.data.Dataset`, batched or not, of texts, tuples or
            dicts; see `element_reader`.
        source: Its description in messages.
        labelled: Whether to read labels.
        limit: Maximum number of examples; required if it is infinite.
        names: Names of the columns.

    Returns:
        A table whose rows are numbered from 0.

    Raises:
        DataError: If the dataset is infinite and there is no limit, or its
            elements have another form.
    """
    batched = _is_batched(dataset.element_spec)
    dataset = _elements(dataset, source, batched=batched, limit=limit)
    columns, cells = element_reader(
        dataset.element_spec, source, names, labelled=labelled
    )
    elements = dataset.as_numpy_iterator()
    rows = (Row(i, cells(element)) for i, element in enumerate(elements))
    return Table(source, columns, rows)


def tagged_items(
    dataset, *, labelled: bool, limit: int | None = None
) -> Iterator[dict]:
    """Reads a dataset of texts or words with their tags.

    | element, labelled | without |
    |---|---|
    | `(text, tags)`, `(words, tags)` | `text` |
    | `(text, predicate, tags)` | `(text, predicate)` |
    | any of these and a float, its weight | |
    | `{"text": ..., "tags": ..., "sample_weight": ...}` | `{"text": ...}` |

    Args:
        dataset: A `tf.data.Dataset`, batched or not.
        labelled: Whether to read tags.
        limit: Maximum number of texts; required if it is infinite.

    Yields:
        A dict for each text, as `read_tagged` accepts them in a list.

    Raises:
        DataError: If the dataset is infinite and there is no limit, or its
            elements have another form.
    """
    source, spec = "a tf.data.Dataset", dataset.element_spec
    names = tagged_names(spec, source, labelled=labelled)
    # The tags of one text are a vector, a single text is a scalar.
    parts = spec if isinstance(spec, dict | tuple) else (spec,)
    last = parts[names.get("tags", names["text"])]
    batched = last.shape.rank == (2 if "tags" in names else 1)
    dataset = _elements(dataset, source, batched=batched, limit=limit)
    if not labelled:
        names.pop("tags", None)
    for element in dataset.as_numpy_iterator():
        element = element if isinstance(spec, dict | tuple) else (element,)
        yield {name: plain(element[key]) for name, key in names.items()}


def _elements(dataset, source: str, *, batched: bool, limit: int | None):
    """Returns a finite dataset of single examples."""
    # -1 is tf.data.INFINITE_CARDINALITY.
    if limit is None and int(dataset.cardinality()) == -1:
        raise DataError(
            f"{source}: Expected a finite dataset. Received one that repeats "
            "forever. Set the length of an epoch with steps_per_epoch=n, "
            "remove .repeat(), or bound it with .take(n)."
        )
    dataset = dataset.unbatch() if batched else dataset
    return dataset if limit is None else dataset.take(limit)


def tfds_table(handle: str) -> tuple[Table, Callable]:
    """Reads a split of a data set from TensorFlow Datasets.

    Args:
        handle: `tfds://NAME?split=SPLIT`, such as
            `tfds://glue/sst2?split=train` or
            `tfds://imdb_reviews?split=train[:10%]`.

    Returns:
        The table, and a function of a column name that returns the function
        from that column's class ids to class names (or `None` if the column
        does not contain classes).

    Raises:
        DataError: If TensorFlow Datasets is not installed, or has no such
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
            f"{handle}: Expected the name of a data set in TensorFlow "
            f"Datasets. Received: {name!r} ({error}). See the names at "
            "https://www.tensorflow.org/datasets/catalog/overview"
        ) from error
    builder.download_and_prepare()
    return builder


def _is_batched(spec) -> bool:
    """Whether every component has a batch dimension.

    A single component may have a dimension for another reason: several labels.
    """
    if isinstance(spec, dict):
        spec = tuple(spec.values())
    if isinstance(spec, tuple):
        return all(map(_is_batched, spec))
    return spec.shape.rank != 0
