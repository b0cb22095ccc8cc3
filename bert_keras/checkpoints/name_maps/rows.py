"""How a table of names is read, and applied to the tensors of a file.

A table is ordered; the first row whose pattern matches a whole name decides.
`{}` in our name takes the block's number.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bert_keras.checkpoints.errors import WeightsError
from bert_keras.checkpoints.tensors import Axes, StoredTensor


class Rename(NamedTuple):
    """One row: a pattern of their names, and our name.

    Attributes:
        pattern: A regular expression of the whole name.
        name: Our name inside the encoder or the head; `""` for what is no
            weight, such as an optimizer's slots.
        axes: How the stored axes become ours.
        head: The head's canonical name, `""` for the encoder itself.
    """

    pattern: str
    name: str
    axes: Axes = Axes.SAME
    head: str = ""


@dataclasses.dataclass(frozen=True)
class Named:
    """The tensors of a file, sorted by what they are here.

    Attributes:
        encoder: By our names.
        heads: By head, then by our names inside it.
        unknown: What no row knows, by the names in the file.
    """

    encoder: dict[str, StoredTensor]
    heads: dict[str, dict[str, StoredTensor]]
    unknown: dict[str, StoredTensor]


def rename(
    name: str, table: tuple[Rename, ...], prefix: str = ""
) -> Rename | None:
    """Finds a name in a map.

    Args:
        name: Their name.
        table: The map.
        prefix: Pattern of what may stand before each name of the map.

    Returns:
        The row that matches, with our name complete; `None` if none does.

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
    """Sorts the tensors of a file by a map.

    Args:
        stored: Tensors by their names.
        table: The map.
        source: The file, for messages.
        prefix: As in `rename`.

    Raises:
        WeightsError: If two tensors have one name of ours, or one does not
            hold floating point numbers.
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
