"""TF Hub: encoders and preprocessors published as SavedModels.

https://www.tensorflow.org/hub/common_saved_model_apis/text

BERT encoders become a `BertEncoder`: weights come from the checkpoint inside,
sizes from their shapes, activation and epsilon from the graph, the vocabulary
from the assets. The SavedModel is not run for that. Encoders of other
architectures have no `config`: they can only be run as a SavedModel.
"""

from pathlib import Path
from typing import Any

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.name_maps import Named
from bert_keras.checkpoints.readers.garden import (
    DEFAULTS,
    heads_of,
    read_weights,
)
from bert_keras.checkpoints.readers.hub_graph import GraphSettings
from bert_keras.checkpoints.readers.hub_vocabulary import read_hub_vocabulary
from bert_keras.checkpoints.readers.inferred_config import sizes_of
from bert_keras.checkpoints.readers.tensorflow_checkpoint import (
    checkpoint_files,
)
from bert_keras.config import BertConfig
from bert_keras.trust import SAVED_MODEL, parse_saved_model

_VARIABLES = Path("variables/variables")


def read_hub(path: Path) -> Contents:
    """Reads an encoder or a preprocessor of the TF Hub text API.

    Args:
        path: The folder of the SavedModel, or a file in it.

    Raises:
        CheckpointError: If the SavedModel is neither.
        WeightsError: If its weights are damaged.
    """
    folder = path if path.is_dir() else path.parent
    saved_model = parse_saved_model(folder / SAVED_MODEL)
    prefix = folder / _VARIABLES
    vocabulary = read_hub_vocabulary(saved_model, folder, prefix)
    if not _has_weights(saved_model):
        return _preprocessor(folder, vocabulary)
    named = read_weights(prefix)
    shared = {
        "format": "hub",
        "folder": folder,
        "weights": checkpoint_files(prefix),
        "heads": heads_of(named),
    }
    config, notes = _config(saved_model, folder, named)
    notes = (*notes, *vocabulary.pop("notes", ()))
    if config is None:
        tensors = {
            tensor.name: tensor
            for tensor in (*named.encoder.values(), *named.unknown.values())
        }
        return Contents(
            config=None,
            tensors=tensors,
            saved_model=folder,
            notes=notes,
            **shared,
            **vocabulary,
        )
    return Contents(
        config=config,
        tensors=named.encoder,
        unknown=named.unknown,
        notes=notes,
        **shared,
        **vocabulary,
    )


def read_old_hub(path: Path) -> Contents:
    """Refuses modules of TF1, which are another kind of graph."""
    raise CheckpointError(
        f"{path}: Expected a SavedModel of TensorFlow 2. Received a TF1 Hub "
        "module (tfhub_module.pb), which needs hub.Module and a TF1 session. "
        "Get a later version of the model (for BERT: 3 or 4), or its "
        "checkpoint of google-research/bert."
    )


def _has_weights(saved_model) -> bool:
    # Settings such as do_lower_case are variables too, but scalars.
    return any(
        node.WhichOneof("kind") == "variable" and len(node.variable.shape.dim)
        for graph in saved_model.meta_graphs
        for node in graph.object_graph_def.nodes
    )


def _preprocessor(folder: Path, vocabulary: dict) -> Contents:
    if not vocabulary.get("vocabulary") and not vocabulary.get(
        "tokenizer_problem"
    ):
        raise CheckpointError(
            f"{folder}: Expected a SavedModel of an encoder, with weights, or "
            "of its preprocessor, with a vocabulary among its assets. "
            "Received: one with neither."
        )
    return Contents(
        format="hub", folder=folder, config=None, tensors={}, **vocabulary
    )


def _config(
    saved_model, folder: Path, named: Named
) -> tuple[BertConfig | None, tuple[str, ...]]:
    """Returns the architecture, or `None` and why it is not BERT's own."""
    if named.unknown:
        names = sorted(named.unknown)
        return None, (f"Not BERT's own architecture: it has {names[0]}.",)
    try:
        sizes = sizes_of(named.encoder, source=folder)
        graph = GraphSettings(saved_model, folder)
    except CheckpointError as error:
        return None, (f"Not BERT's own architecture: {error}",)
    if graph.norm_first:
        return None, (
            "Not BERT's own architecture: it normalizes before each sublayer.",
        )
    if graph.shortens:
        return None, (
            "Not BERT's own architecture: its blocks shorten the sequence.",
        )
    found = {
        name: value
        for name in DEFAULTS
        if (value := getattr(graph, name)) is not None
    }
    notes = tuple(
        f"{name}={value}, "
        + (
            "from the graph."
            if name in found
            else "the Model Garden's default."
        )
        for name, value in (DEFAULTS | found).items()
    )
    values: dict[str, Any] = DEFAULTS | found | sizes
    try:
        return BertConfig(**values), notes
    except ValueError as error:
        return None, (f"Not BERT's own architecture: {error}",)
