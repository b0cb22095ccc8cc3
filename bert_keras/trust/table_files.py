"""Table files: whether a vocabulary table reads only the model's assets.

A table is filled by a function that is called at load, and the file's name is
one of its arguments. It is followed back through every call, to the assets
that the object graph binds (what Python loads) and to those that the graph
feeds (what a session loads).
"""

from bert_keras.trust.mentions import CALLS, count_mentions, node_of
from bert_keras.trust.operations import TABLE

_MAX_DEPTH = 50  # calls inside calls; TensorFlow writes two at most


class TableFiles:
    """Follows the names of vocabulary files in a SavedModel.

    Args:
        graph: A `MetaGraphDef`.
    """

    def __init__(self, graph):
        library = graph.graph_def.library
        self._functions = {f.signature.name: f for f in library.function}
        self._nodes = {node.name: node for node in graph.graph_def.node}
        self._objects = graph.object_graph_def
        self._content = graph.graph_def.SerializeToString()
        self._assets = {
            node_of(asset.tensor_info.name) for asset in graph.asset_file_def
        }
        self._known = {}  # by function and place of the argument

    def are_assets(self, function) -> bool:
        """Whether a function fills tables, and only from assets.

        Args:
            function: A `FunctionDef` of the graph.
        """
        tables = [node for node in function.node_def if node.op in TABLE]
        return bool(tables) and all(
            len(node.input) > 1 and self._in_function(function, node.input[1])
            for node in tables
        )

    def _in_function(self, function, text: str, depth: int = 0) -> bool:
        """Whether an input inside a function is an asset."""
        nodes = {node.name: node for node in function.node_def}
        for _ in function.node_def:  # a damaged graph may have cycles
            node = nodes.get(node_of(text))
            if node is None or node.op != "Identity" or not node.input:
                break
            text = node.input[0]
        names = [argument.name for argument in function.signature.input_arg]
        if text not in names or depth == _MAX_DEPTH:
            return False
        key = function.signature.name, names.index(text)
        if key not in self._known:
            self._known[key] = False  # until all that calls it was followed
            self._known[key] = self._is_given(function, key[1], depth)
        return self._known[key]

    def _is_given(self, function, place: int, depth: int) -> bool:
        """Whether all that calls a function gives it an asset."""
        name = function.signature.name
        inner = [
            (caller, node)
            for caller in self._functions.values()
            for node in caller.node_def
            if _calls(node, name)
        ]
        outer = [node for node in self._nodes.values() if _calls(node, name)]
        # Its definition and these calls: nothing else may mention it.
        if count_mentions(self._content, name) != 1 + len(inner) + len(outer):
            return False
        return (
            self._is_bound(function, place)
            and all(
                place < len(node.input)
                and self._in_function(caller, node.input[place], depth + 1)
                for caller, node in inner
            )
            and all(
                place < len(node.input) and self._in_graph(node.input[place])
                for node in outer
            )
        )

    def _is_bound(self, function, place: int) -> bool:
        """Whether the objects that call a function bind an asset to it."""
        name = function.signature.name
        if name not in self._objects.concrete_functions:
            # Then no object may call it.
            return not count_mentions(self._objects.SerializeToString(), name)
        bound = self._objects.concrete_functions[name].bound_inputs
        # Bound inputs are the last arguments.
        place -= len(function.signature.input_arg) - len(bound)
        return (
            place >= 0
            and 0 <= bound[place] < len(self._objects.nodes)
            and self._objects.nodes[bound[place]].HasField("asset")
        )

    def _in_graph(self, text: str) -> bool:
        """Whether an input in the graph itself is an asset."""
        if node_of(text) in self._assets:
            return True
        node = self._nodes.get(node_of(text))
        if node is None or node.op != "ReadVariableOp" or not node.input:
            return False
        # TensorFlow keeps the path in a variable that is assigned at load.
        variable = node_of(node.input[0])
        users = [
            user
            for user in self._nodes.values()
            if variable in map(node_of, user.input)
            and user.op not in ("ReadVariableOp", "VarIsInitializedOp")
        ]
        return bool(users) and all(
            user.op == "AssignVariableOp"
            and len(user.input) > 1
            and node_of(user.input[1]) in self._assets
            for user in users
        )


def _calls(node, name: str) -> bool:
    return node.op in CALLS and node.attr["f"].func.name == name
