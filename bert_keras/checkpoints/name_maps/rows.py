"""Tables of names, and how they are applied to the tensors of a file.

A table is ordered; the first row whose pattern matches a whole name is used.
`{}` in our name stands for the block's number.

Writers use the same tables in reverse. A pattern is then spelled as the first
of its alternatives. So patterns consist of plain text, `\\.`,
`(?:one|other)` and `(\\d+)` for the block's number.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bert_keras.checkpoints.errors import WeightsError
from bert_keras.checkpoints.tensors import Axes, StoredTensor


class Rename(NamedTuple):
    """One row of a table: a pattern of their names, and our name.

    Attributes:
        pattern: A regular expression of the whole name.
        name: Our name inside the encoder or the head; `""` for what is not a
            weight, such as an optimizer's slots.
        axes: How the stored axes map to ours.
        head: The head's name, `""` for the encoder itself.
    """

    pattern: str
    name: str
    axes: Axes = Axes.SAME
    head: str = ""

    def spelled(self, number: str = "") -> str:
        """Returns their current spelling of the name.

        Args:
            number: The block's number, if our name has one.

        Example:
            >>> Rename(r"layer_(\\d+)/(?:gamma|weight)", "").spelled("3")
            'layer_3/gamma'
        """
        name = re.sub(r"\(\?:([^|()]*)[^()]*\)", r"\1", self.pattern)
        return name.replace(r"(\d+)", number).replace("\\", "")


@dataclasses.dataclass(frozen=True)
class Named:
    """The tensors of a file, by what they belong to.

    Attributes:
        encoder: By our names.
        heads: By head, then by our names inside it.
        unknown: Tensors that no row matches, by the names in the file.
    """

    encoder: dict[str, StoredTensor]
    heads: dict[str, dict[str, StoredTensor]]
    unknown: dict[str, StoredTensor]


def rename(
    name: str, table: tuple[Rename, ...], prefix: str = ""
) -> Rename | None:
    """Finds a name in a table.

    Args:
        name: Their name.
        table: The table.
        prefix: Pattern that may precede each name of the table.

    Returns:
        The matching row, with our complete name; `None` if none does.

    Example:
        >>> table = (Rename(r"layer_(.)/bias", "block_{}/b"),)
        >>> rename("layer_3/bias", table).name
        'block_3/b'
    """
    for row in table:
        match = re.fullmatch(prefix + row.pattern, name)
        if match:
            return row._replace(name=row.name.format(*match.groups()))
    return None


def by_our_names(
    stored: Mapping[str, StoredTensor],
    table: tuple[Rename, ...],
    *,
    source: str | Path,
    prefix: str = "",
) -> Named:
    """Sorts the tensors of a file by a table.

    Args:
        stored: Tensors by their names.
        table: The table.
        source: The file, for messages.
        prefix: As in `rename`.

    Raises:
        WeightsError: If two tensors get the same name, or one is not of
            floating-point numbers.
    """
    named = Named({}, {}, {})
    for theirs, tensor in stored.items():
        row = rename(theirs, table, prefix)
        if row is None:
            named.unknown[theirs] = tensor
        elif row.name:
            part = named.encoder
            if row.head:
                part = named.heads.setdefault(row.head, {})
            if row.name in part:
                raise WeightsError(
                    f"{source}: Expected one tensor for {row.name}. Received: "
                    f"{part[row.name].name} and {theirs}"
                )
            part[row.name] = tensor.with_axes(row.axes)
    return named


def by_their_names(
    tensors: Mapping[str, StoredTensor],
    table: tuple[Rename, ...],
    *,
    attention_heads: int,
    head: str = "",
) -> dict[str, np.ndarray]:
    """Returns the values of tensors by a format's names.

    Args:
        tensors: By our names inside the encoder or the head.
        table: The table.
        attention_heads: Number of them, if they are an axis there.
        head: Name of the head in the table.

    Raises:
        WeightsError: If the format has no name for a tensor.

    Example:
        >>> table = (Rename(r"layer_(\\d+)/bias", "block_{}/b"),)
        >>> tensors = {"block_3/b": np.zeros(2)}
        >>> list(by_their_names(tensors, table, attention_heads=1))
        ['layer_3/bias']
    """
    values = {}
    for name, tensor in tensors.items():
        theirs, axes = _backwards(name, table, head)
        values[theirs] = axes.stored(np.asarray(tensor), attention_heads)
    return values


def _backwards(
    name: str, table: tuple[Rename, ...], head: str
) -> tuple[str, Axes]:
    for row in table:
        if row.head != head or not row.name:
            continue
        ours = re.escape(row.name).replace(r"\{\}", r"(\d+)")
        if match := re.fullmatch(ours, name):
            return row.spelled(*match.groups()), row.axes
    raise WeightsError(
        f"Expected weights that the format has a name for. Received: "
        f"{f'{head}/' if head else ''}{name}. Choose another format, or "
        "--without-heads if it belongs to a head."
    )
