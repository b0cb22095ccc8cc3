"""Arrays, tensors, Series and generators as plain lists.

Nothing here imports TensorFlow or pandas: values are recognized by their
methods.
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from bert_keras.data.errors import DataError

_KINDS = (
    "a list, a NumPy array, a pandas Series, a tf.Tensor or a generator, with "
    "one item for each text"
)


def is_text(value) -> bool:
    """Whether this is one text, as `str` or as bytes."""
    return isinstance(value, str | bytes)


def is_dataset(source) -> bool:
    """Whether `source` is a `tf.data.Dataset`."""
    return hasattr(source, "element_spec") and hasattr(
        source, "as_numpy_iterator"
    )


def is_frame(source) -> bool:
    """Whether `source` is a pandas data frame."""
    return hasattr(source, "columns") and hasattr(source, "itertuples")


def is_column(value) -> bool:
    """Whether this is a sequence of values and not a single text."""
    if is_text(value) or is_dataset(value) or is_frame(value):
        return False
    if isinstance(value, Sequence | Iterator):
        return True
    return any(hasattr(value, name) for name in ("tolist", "to_list", "numpy"))


def plain(value, limit: int | None = None):
    """Returns arrays, tensors, Series and iterators as lists.

    Everything else is returned as it is, lists and tuples included.

    Args:
        value: Anything.
        limit: Maximum number of items to take from an iterator.

    Example:
        >>> import numpy as np
        >>> plain(np.array(["a", "b"])), plain(n for n in range(2)), plain("a")
        (['a', 'b'], [0, 1], 'a')
        >>> plain(itertools.count(), limit=3)
        [0, 1, 2]
    """
    if is_text(value) or isinstance(value, Sequence) or not is_column(value):
        return value
    if isinstance(value, Iterator):
        return list(itertools.islice(value, limit))
    if hasattr(value, "to_list"):  # a pandas Series, a tf.RaggedTensor
        return value.to_list()
    if hasattr(value, "numpy"):  # a tf.Tensor
        value = value.numpy()
    return value.tolist() if hasattr(value, "tolist") else value


def squeezed(value):
    """Returns an array or tensor of shape [n, 1] as a list of its n items.

    Everything else is returned as it is.

    Example:
        >>> import numpy as np
        >>> squeezed(np.array([["a"], ["b"]])), squeezed(["a"])
        (['a', 'b'], ['a'])
    """
    shape = getattr(value, "shape", ())
    if is_frame(value) or len(shape) != 2 or shape[1] != 1:
        return value
    return [item for (item,) in plain(value)]


def listed(values, name: str, limit: int | None = None) -> list:
    """Returns labels or weights as a list.

    Args:
        values: A list, or anything that `plain` turns into one.
        name: `labels` or `sample_weight`, for the message.
        limit: See `plain`.

    Raises:
        DataError: If the values are anything else.
    """
    values = plain(values, limit)
    if is_text(values) or not isinstance(values, Sequence):
        raise DataError(
            f"Expected `{name}` as {_KINDS}. Received: {name}={values!r:.80}. "
            "Pass validation data by name: validation_data=..."
        )
    return list(values)


def beside(
    items: Sequence, values, name: str, limit: int | None = None
) -> list:
    """Returns labels or weights as a list as long as the texts.

    Args:
        items: The texts.
        values: See `listed`.
        name: See `listed`.
        limit: See `plain`.

    Raises:
        DataError: If the lengths differ, or `listed` raises.

    Example:
        >>> beside(["a", "b"], ("x", "y"), "labels")
        ['x', 'y']
    """
    values = listed(values, name, limit)
    if len(values) != len(items):
        raise DataError(
            f"Expected one of `{name}` for each text. Received {len(items):,} "
            f"texts and {len(values):,} of `{name}`. Make them equally long."
        )
    return values


def check_limit(limit: int | None) -> None:
    """Raises unless this is a positive number of examples, or `None`.

    Raises:
        ValueError: If it is below 1.
    """
    if limit is not None and limit < 1:
        raise ValueError(
            f"Expected `limit` to be at least 1. Received: limit={limit!r}"
        )


def check_given_beside(
    source, *, labels, sample_weight, labelled: bool, read: type
) -> None:
    """Raises if labels or weights are passed to a source that has its own.

    Args:
        source: The source to read.
        labels: Labels passed along with it, or `None`.
        sample_weight: Weights passed along with it, or `None`.
        labelled: Whether labels are read.
        read: The class of examples that the reader returns.

    Raises:
        DataError: If labels are not read, or the source contains its own.
    """
    if labels is not None and not labelled:
        raise DataError(
            "Expected no labels: this task does not learn from them. "
            f"Received: labels={labels!r:.80}. Leave them out."
        )
    given = [
        name
        for name, values in (
            ("labels", labels),
            ("sample_weight", sample_weight),
        )
        if values is not None
    ]
    if given and (isinstance(source, str | Path | read) or is_dataset(source)):
        raise DataError(
            f"Expected texts in memory along with `{given[0]}`. Received: "
            f"{type(source).__name__} {source!r:.80}, which contains its own. "
            "Add a column `label` or `sample_weight` to it instead."
        )
