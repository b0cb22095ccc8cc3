"""Check: a SavedModel is refused before it is loaded, or let through."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bert_keras.trust.excused import excused_operations
from bert_keras.trust.operations import only_computes

SAVED_MODEL = "saved_model.pb"
# Other names under which TensorFlow looks for a SavedModel. Which one it
# prefers depends on its version, and only SAVED_MODEL is looked at here.
_OTHER_NAMES = ("saved_model.cpb", "saved_model.pbtxt")

_LISTED = 12


class UntrustedModel(ValueError):
    """A SavedModel that does more than compute."""


def require_trust(folder: str | Path, *, trust: bool = False) -> None:
    """Raises if a SavedModel does more than compute.

    Args:
        folder: Folder of `saved_model.pb`. None of it is run.
        trust: Whether the user trusts the model: then nothing is checked.

    Raises:
        UntrustedModel: If it does; the message lists the operations.
        ValueError: If there is no SavedModel, or it is damaged.
    """
    if trust:
        return
    folder = Path(folder)
    found = suspicious(parse_saved_model(folder / SAVED_MODEL))
    found += [
        f"a second SavedModel, {name}"
        for name in _OTHER_NAMES
        if (folder / name).exists()
    ]
    if found:
        names = ", ".join(found[:_LISTED])
        if len(found) > _LISTED:
            names += f" and {len(found) - _LISTED} more"
        raise UntrustedModel(
            f"{folder}: Expected a SavedModel that only computes. Received "
            f"one with: {names}. It was not loaded. These can read, write or "
            "send your data. If you know where the model comes from and trust "
            "it, use --trust (in Python: trust=True)."
        )


def parse_saved_model(path: Path):
    """Returns the `SavedModel` message of a file, read as data.

    Args:
        path: Path of `saved_model.pb`.

    Raises:
        ValueError: If there is no such file, or it is damaged.
    """
    if not path.is_file():
        raise ValueError(
            f"Expected the folder of a SavedModel, which contains "
            f"{SAVED_MODEL}. Received: {path.parent}"
        )
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    try:
        return SavedModel.FromString(path.read_bytes())
    except DecodeError as error:
        raise ValueError(
            f"{path}: Expected a SavedModel. Received a damaged file: {error}"
        ) from error


def suspicious(saved_model) -> list[str]:
    """Returns the operations and assets that do more than compute, sorted.

    Args:
        saved_model: The parsed `SavedModel` message.
    """
    found = set()
    if not _has_object_graph(saved_model):
        # TensorFlow loads these by running nodes of the graph itself, not
        # only functions of its library.
        found.add("the format of TensorFlow 1")
    for graph in saved_model.meta_graphs:
        excused = excused_operations(graph)
        found.update(_refused(graph.graph_def.node, ()))
        for function in graph.graph_def.library.function:
            allowed = excused.get(function.signature.name, ())
            found.update(_refused(function.node_def, allowed))
        found.update(_strange_assets(graph))
    return sorted(found)


def _has_object_graph(saved_model) -> bool:
    """Whether TensorFlow loads it in the format of TensorFlow 2."""
    graphs = saved_model.meta_graphs
    return len(graphs) == 1 and graphs[0].HasField("object_graph_def")


def _refused(nodes: Iterable, excused: Iterable[str]) -> Iterator[str]:
    for name in {node.op for node in nodes} - set(excused):
        if not only_computes(name):
            yield name


def _strange_assets(graph) -> Iterator[str]:
    """Yields assets that are not files in the model's own folder."""
    for asset in graph.asset_file_def:
        path = Path(asset.filename)
        if path.is_absolute() or ".." in path.parts:
            yield f"the asset {asset.filename!r}"
