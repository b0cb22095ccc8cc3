"""A trained task as one graph: strings in, answers out."""

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from bert_keras import contract
from bert_keras.data import read_examples
from bert_keras.encoders import BertEncoder
from bert_keras.export import PRECISIONS, Export, model_card, odd_texts, publish
from bert_keras.tasks.network import Network
from bert_keras.tasks.report import answer_rows
from bert_keras.training import tokenize_rows

_LIBRARIES = ("bert-keras", "keras", "tensorflow", "tensorflow-text")


class ServedTask(tf.Module):
    """Preprocessor, network and decoder, composed once for serving.

    Args:
        preprocessor: Strings to ids.
        network: Ids to logits.
        decoder: Logits to answers.
        pair: Whether texts come in pairs.
    """

    def __init__(self, preprocessor, network: keras.Model, decoder, pair: bool):
        super().__init__()
        self._preprocessor = preprocessor
        self._decoder = decoder
        # The variables alone: a Keras model would bring its own functions,
        # for other inputs, into the SavedModel.
        self._weights = [weight.value for weight in network.weights]
        names = (contract.TEXT_A, contract.TEXT_B) if pair else (contract.TEXT,)
        specs = [contract.text_spec(name) for name in names]

        def answer(*texts):
            inputs = preprocessor(*texts)
            return decoder(network(inputs, training=False, packed=True))

        def encode(*texts):
            inputs = preprocessor(*texts)
            encoded = network.encoder(inputs, training=False, packed=True)
            return dict(inputs) | {
                name: tf.cast(encoded[name], tf.float32)
                for name in (contract.SEQUENCE_OUTPUT, contract.POOLED_OUTPUT)
            }

        self.functions = {
            contract.SERVING_DEFAULT: tf.function(
                answer, input_signature=specs
            ),
            contract.ENCODE: tf.function(encode, input_signature=specs),
        }


def export_task(
    task, folder: str | Path, *, precision: str, texts: Sequence | None
) -> Path:
    """Publishes the next version of a task; see `Task.export`."""
    if precision not in PRECISIONS:
        raise ValueError(
            f"Expected `precision` to be {' or '.join(PRECISIONS)}. "
            f"Received: precision={precision!r}"
        )
    served = ServedTask(
        task.preprocessor,
        _network_in(task, precision),
        task.problem.decoder(),
        task.pair,
    )
    rows = _check_rows(task, texts)
    manifest = task.to_dict() | {
        "precision": precision,
        "max_length": task.preprocessor.max_length,
        "tokenizer": task.preprocessor.config.to_dict(),
        "libraries": {
            name: importlib.metadata.version(name) for name in _LIBRARIES
        },
    }
    return publish(
        folder,
        Export(
            module=served,
            signatures=served.functions,
            manifest=manifest,
            card=model_card(manifest),
            rows=rows,
            answers=_expected(task, rows),
            precision=precision,
        ),
    )


def _network_in(task, precision: str) -> Network:
    """Returns a copy of the task's network with weights of one precision."""
    encoder = BertEncoder(task.encoder.config, dtype=precision)
    head = task.problem.head(encoder.config, seed=0, dtype=precision)
    network = Network(encoder, head)
    weights = task.network.named_variables
    for name, variable in network.named_variables.items():
        variable.assign(keras.ops.cast(weights[name].value, variable.dtype))
    return network


def _check_rows(task, texts: Sequence | None) -> list[dict]:
    """Returns the inputs on which the export must answer as the task does."""
    chosen = [
        (text, text[::-1]) if task.pair else (text,) for text in odd_texts()
    ]
    if texts is not None:
        examples = read_examples(texts, labelled=False)
        task.check_pair(examples)
        columns = [examples.texts]
        if task.pair:
            columns.append(examples.texts_b)
        chosen += zip(*columns, strict=True)
    names = (
        (contract.TEXT_A, contract.TEXT_B) if task.pair else (contract.TEXT,)
    )
    return [dict(zip(names, row, strict=True)) for row in chosen]


def _expected(task, rows: list[dict]) -> list[dict]:
    """Returns the task's own answers to rows of strings or bytes."""
    columns = [
        np.array([_bytes(row[name]) for row in rows], object)
        for name in rows[0]
    ]
    packed = tokenize_rows(task.preprocessor, *columns)
    return answer_rows(task.answers(packed))


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
