"""Settings of an encoder that are in a SavedModel's graph, not its weights.

The file is parsed as data and not run. Nodes of the Garden's graphs are named
after its layers: `transformer/layer_0/activation/Gelu/Tanh`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bert_keras.checkpoints.errors import CheckpointError

_BLOCK = r"(?:.+/)?transformer/layer_\d+/"
_NORM = re.compile(
    r"(?:.+/)?(?:embeddings/layer_norm|transformer/layer_\d+/"
    r"(?:self_attention_layer_norm|output_layer_norm))/"
)
# Everything in a block outside of its attention is the feed-forward layer,
# where one operation determines the activation.
_FEED_FORWARD = re.compile(_BLOCK + r"(?!self_attention)")
_ACTIVATIONS = {
    "Erf": "gelu",
    "Erfc": "gelu",
    "Tanh": "gelu_new",
    "Relu": "relu",
}
_OTHERS = ("Sigmoid", "Elu", "Selu", "Softplus", "LeakyRelu", "Relu6")
# Pooling of the Funnel transformer, whose means are products with a matrix.
_POOLS = ("MaxPool", "AvgPool")
_MEANS = re.compile(r"(?:.+/)?[^/]*encoder[^/]*/einsum(?:_\d+)?/Einsum")
_QUERY = re.compile(_BLOCK + r"self_attention/query/einsum/Einsum$")


class GraphSettings:
    """Settings that the graph of an encoder was built with.

    Args:
        saved_model: The parsed `SavedModel` message.
        folder: For messages.

    Attributes:
        hidden_act: Our name of the activation; `None` if the graph has none
            of BERT's.
        layer_norm_eps: Epsilon of all normalizations; `None` if the graph
            shows none, or several.
        norm_first: Whether blocks normalize before attention, unlike BERT.
        shortens: Whether blocks shorten the sequence, as in the Funnel
            transformer, whose weights have BERT's names and shapes.
    """

    def __init__(self, saved_model, folder: Path):
        self._folder = folder
        nodes = list(_nodes(saved_model))
        self.hidden_act = self._one(
            "activation",
            {
                _ACTIVATIONS.get(node.op, node.op)
                for node in nodes
                if node.op in (*_ACTIVATIONS, *_OTHERS)
                and _FEED_FORWARD.match(node.name)
            },
        )
        self.layer_norm_eps = self._one("epsilon", set(_epsilons(nodes)))
        self.norm_first = any(
            "self_attention_layer_norm" in node.input[0]
            for node in nodes
            if _QUERY.match(node.name)
        )
        self.shortens = any(
            node.op in _POOLS or _MEANS.fullmatch(node.name) for node in nodes
        )

    def _one(self, what: str, found: set):
        if len(found) > 1:
            raise CheckpointError(
                f"{self._folder}: Expected one {what} in all layers, as BERT "
                f"has. Received: {', '.join(sorted(map(str, found)))}"
            )
        return found.pop() if found else None


def _nodes(saved_model) -> Iterator:
    for graph in saved_model.meta_graphs:
        yield from graph.graph_def.node
        for function in graph.graph_def.library.function:
            # Gradients have the same operations under other names.
            if "backward" not in function.signature.name:
                yield from function.node_def


def _epsilons(nodes: list) -> Iterator[float]:
    for node in nodes:
        if not _NORM.match(node.name):
            continue
        if node.op == "Const" and node.name.endswith("batchnorm/add/y"):
            tensor = node.attr["value"].tensor
            if tensor.float_val:
                yield _shortest(tensor.float_val[0])
            elif tensor.tensor_content:
                yield _shortest(np.frombuffer(tensor.tensor_content, "<f4")[0])
        elif node.op.startswith("FusedBatchNorm"):
            yield _shortest(node.attr["epsilon"].f)


def _shortest(value: float) -> float:
    """Returns the shortest decimal of a float32.

    9.999999960041972e-13 becomes 1e-12.
    """
    return float(str(np.float32(value)))
