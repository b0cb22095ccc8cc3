"""Excused: the functions of a SavedModel that may touch files.

TensorFlow writes three kinds into SavedModels. A function that saves the model
again, which neither loading nor calling it reaches. A function that restores
its weights, from the name that the loader hands it. Functions that read a
vocabulary among its assets. Names alone prove nothing, since whoever writes the
file chooses them: a function is excused only if nothing mentions it but what
TensorFlow writes.
"""

import re
from collections.abc import Iterator

from bert_keras.trust.mentions import CALLS, count_mentions, node_of
from bert_keras.trust.operations import RESTORER, SAVER, TABLE
from bert_keras.trust.table_files import TableFiles

# Of a node. TensorFlow also allows backslashes, which it never writes.
_NAME = re.compile(r"[A-Za-z0-9_./>-]+")


def excused_operations(graph) -> dict[str, frozenset[str]]:
    """Returns the operations that functions may contain in addition.

    Args:
        graph: A `MetaGraphDef`.

    Returns:
        Names of operations by the name of the function.
    """
    content = graph.SerializeToString()
    saver = graph.saver_def
    excused = {}
    for _, function in _called_alone(
        graph, content, "save_tensor_name", node_of(saver.save_tensor_name)
    ):
        excused[function.signature.name] = SAVER
    for node, function in _called_alone(
        graph, content, "restore_op_name", saver.restore_op_name
    ):
        if _restores_the_given_file(graph, node, function):
            excused[function.signature.name] = RESTORER
    tables = TableFiles(graph)
    for function in graph.graph_def.library.function:
        name = function.signature.name
        if name not in excused and tables.are_assets(function):
            excused[name] = TABLE
    return excused


def _called_alone(
    graph, content: bytes, role: str, name: str
) -> Iterator[tuple]:
    """Yields a node and its function, if nothing else leads to either.

    Args:
        graph: A `MetaGraphDef`.
        content: It, serialized.
        role: The field of `saver_def` that names the node.
        name: The node's name.
    """
    nodes = [node for node in graph.graph_def.node if node.name == name]
    if len(nodes) != 1 or nodes[0].op not in CALLS:
        return
    if not _NAME.fullmatch(name) or _is_run(graph, role, name):
        return
    called = nodes[0].attr["f"].func.name
    functions = [
        function
        for function in graph.graph_def.library.function
        if function.signature.name == called
    ]
    # Its definition and the node's call: nothing else may mention it, neither
    # an object that loading revives nor a gradient, in whatever attribute.
    if len(functions) != 1 or count_mentions(content, called) != 2:
        return
    # TensorFlow's optimizer swaps functions that say they implement the same.
    # What tracing itself notes starts with an underscore.
    if all(key.startswith("_") for key in functions[0].attr):
        yield nodes[0], functions[0]


def _is_run(graph, role: str, name: str) -> bool:
    """Whether anything but its role leads to a node.

    That is another node, data or control; a signature, an init op in a
    collection, or another field of `saver_def`.
    """
    if any(
        node_of(text) == name
        for node in graph.graph_def.node
        for text in node.input
    ):
        return True
    rest = type(graph)()
    rest.CopyFrom(graph)
    # The last two name operations and functions, not nodes to be run.
    for field in ("graph_def", "object_graph_def", "meta_info_def"):
        rest.ClearField(field)
    rest.saver_def.ClearField(role)
    # In the text format, every string is in quotes.
    texts = re.findall(r'"((?:[^"\\]|\\.)*)"', str(rest))
    return any(node_of(text) == name for text in texts)


def _restores_the_given_file(graph, node, function) -> bool:
    """Whether a function restores from the name that the loader hands over.

    The loader feeds that name to a placeholder, which has to be the argument
    that each `RestoreV2` reads.
    """
    placeholder = node_of(graph.saver_def.filename_tensor_name)
    if not any(
        other.name == placeholder and other.op.startswith("Placeholder")
        for other in graph.graph_def.node
    ):
        return False
    arguments = function.signature.input_arg
    given = {
        argument.name
        for argument, text in zip(arguments, node.input, strict=False)
        if node_of(text) == placeholder
    }
    return all(
        inner.input[:1] and inner.input[0] in given
        for inner in function.node_def
        if inner.op in RESTORER
    )
