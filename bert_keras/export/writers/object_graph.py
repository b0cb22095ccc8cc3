"""The tree of objects in a TensorFlow 2 checkpoint."""

from collections.abc import Mapping


def describe_objects(names: Mapping[str, str], *, key: str) -> dict[str, bytes]:
    """Returns the object graph of a TF2 checkpoint.

    Each part of a path is an edge between objects; the last object of a path
    is a variable.

    Args:
        names: The variables' own names, by their paths from the root.
        key: Suffix of a path in the tensor's key.

    Returns:
        A serialized `TrackableObjectGraph` by its key.
    """
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import (
        TrackableObjectGraph,
    )

    graph = TrackableObjectGraph()
    nodes = {"": 0}
    graph.nodes.add().has_checkpoint_values.value = True
    for path, name in names.items():
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            _add(graph, nodes, "/".join(parts[:end]))
        attribute = graph.nodes[nodes[path]].attributes.add()
        attribute.name = "VARIABLE_VALUE"
        attribute.full_name = name
        attribute.checkpoint_key = path + key
    return {"_CHECKPOINTABLE_OBJECT_GRAPH": graph.SerializeToString()}


def _add(graph, nodes: dict[str, int], path: str) -> None:
    """Adds an object below an existing one, unless it exists."""
    if path in nodes:
        return
    nodes[path] = len(graph.nodes)
    graph.nodes.add().has_checkpoint_values.value = True
    above, _, edge = path.rpartition("/")
    child = graph.nodes[nodes[above]].children.add()
    child.node_id, child.local_name = nodes[path], edge
