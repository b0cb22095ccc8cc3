"""Exporting a task: its inference graph becomes a SavedModel."""

import functools
import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

import keras

from bert_keras import contract
from bert_keras.encoders import BertEncoder, SavedModelEncoder
from bert_keras.export import (
    Export,
    edge_case_texts,
    model_card,
    publish,
)
from bert_keras.serving import answer_rows
from bert_keras.settings import check_precision
from bert_keras.tasks.encoder_folder import keep_encoder
from bert_keras.tasks.inference import ServedTask
from bert_keras.tasks.network import Network
from bert_keras.tasks.state import TaskState

_LIBRARIES = ("bert-keras", "keras", "tensorflow", "tensorflow-text")
# Characters of an edge-case text for a task that does not truncate. Truncated
# text costs no arithmetic, but a million characters in windows take minutes,
# in the task and again in the export. This many still make more windows than
# are computed at once, and more words than are decoded in one chunk.
_MAX_CHARACTERS = 30_000


def export_task(
    task: TaskState,
    folder: str | Path,
    *,
    precision: str,
    texts: Sequence | None,
) -> Path:
    """Publishes the next version of a task; see `Task.export`."""
    check_precision(precision)
    served = ServedTask(
        task.problem, task.preprocessor, _with_precision(task, precision)
    )
    rows = _comparison_rows(task.problem, texts)
    # Nothing is frozen in an export, and LoRA is merged into its weights.
    manifest = task.to_dict() | {
        "lora_rank": None,
        "frozen": [],
        "inputs": list(task.problem.inputs),
        "truncates": task.problem.truncates,
        "precision": precision,
        "max_length": task.preprocessor.max_length,
        "tokenizer": task.preprocessor.config.to_dict(),
        "special_tokens_in_text": (
            task.preprocessor.tokenizer.special_tokens_in_text
        ),
        "libraries": {
            name: importlib.metadata.version(name) for name in _LIBRARIES
        },
    }
    return publish(
        folder,
        Export(
            module=served,
            signatures={
                contract.SERVING_DEFAULT: served.answer,
                contract.ENCODE: served.encode,
            },
            manifest=manifest,
            vocabulary=task.preprocessor.vocabulary,
            card=model_card(manifest),
            rows=rows,
            answers=answer_rows(
                task.ask(
                    {name: [row[name] for row in rows] for name in rows[0]}
                )
            ),
            comparable=task.problem.comparable,
            precision=precision,
            add_files=functools.partial(keep_encoder, task.encoder),
        ),
    )


def _with_precision(task: TaskState, precision: str) -> Network:
    """Returns a copy of the task's network with weights of one precision.

    A SavedModel's graph has the precision that it was published with, so a
    network with such an encoder is exported as it is.
    """
    if isinstance(task.encoder, SavedModelEncoder):
        if precision != "float32":
            raise ValueError(
                "Expected `precision` float32 with an encoder that is a "
                "SavedModel, whose graph has a fixed precision. "
                f"Received: precision={precision!r}"
            )
        return task.network
    encoder = BertEncoder(
        task.encoder.config, initializer="zeros", dtype=precision
    )
    if task.encoder.lora_rank is not None:
        encoder.enable_lora(task.encoder.lora_rank)
    head = task.problem.head(encoder, seed=0)
    network = Network(encoder, head)
    weights = task.network.named_variables
    for name, variable in network.named_variables.items():
        variable.assign(keras.ops.cast(weights[name].value, variable.dtype))
    if encoder.lora_rank is not None:
        encoder.merge_lora()
    return network


def _comparison_rows(problem, texts: Sequence | None) -> list[dict]:
    """Returns the inputs on which the export must answer as the task does."""
    limit = None if problem.truncates else _MAX_CHARACTERS
    rows = problem.edge_cases([text[:limit] for text in edge_case_texts()])
    if texts is not None:
        columns = problem.texts(problem.read(texts, labelled=False))
        rows += [
            dict(zip(columns, row, strict=True))
            for row in zip(*columns.values(), strict=True)
        ]
    return rows
