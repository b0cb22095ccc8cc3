"""Inference: a task as one graph, strings in and answers out.

The graph that runs here is the one that is exported. Texts of similar length
share a batch, so that attention, which works on whole sequences, computes
hardly any padding.
"""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from bert_keras import contract
from bert_keras.serving import join_batches

_BATCH_SIZE = 64


class ServedTask(tf.Module):
    """A preprocessor, a network and a problem's `answer` as one graph.

    Args:
        problem: Defines how texts are answered.
        preprocessor: Strings to ids.
        network: Ids to the outputs of the head.

    Attributes:
        answer: The signature `serving_default`: the problem's inputs by name,
            each [batch], to its outputs by name, each [batch, ...].
        encode: The signature `encode`: packed ids and the encoder's outputs.
    """

    def __init__(self, problem, preprocessor, network: keras.Model):
        super().__init__()
        self._preprocessor = preprocessor
        # Only the variables: a Keras model would add its own functions, for
        # other inputs, to the SavedModel. Their names become the keys by
        # which `checkpoints` reads an export.
        self.weights = {
            name: weight.value
            for name, weight in network.named_variables.items()
        }
        names = problem.inputs

        def answer(*texts):
            named = dict(zip(names, texts, strict=True))
            return problem.answer(named, preprocessor, network)

        def encode(*texts):
            strings = [text for text in texts if text.dtype == tf.string]
            inputs = preprocessor(*strings)
            encoded = network.encoder(inputs, training=False, packed=True)
            return dict(inputs) | {
                name: tf.cast(encoded[name], tf.float32)
                for name in (contract.SEQUENCE_OUTPUT, contract.POOLED_OUTPUT)
            }

        specs = [contract.input_spec(name) for name in names]
        self.answer = tf.function(answer, input_signature=specs)
        self.encode = tf.function(encode, input_signature=specs)


class Inference:
    """Runs a graph on columns of inputs.

    Args:
        function: Tensors [batch] in, tensors [batch, ...] by name out.
        inputs: Names of the function's inputs, in order.
    """

    def __init__(self, function, inputs: Sequence[str]):
        self._function = function
        self._inputs = inputs

    def __call__(
        self, columns: Mapping[str, Sequence]
    ) -> dict[str, np.ndarray]:
        """Returns each output [rows, ...], in the order of the rows.

        Args:
            columns: One value per row, by name of the input: str, bytes or
                int.
        """
        arrays = [_array(columns[name]) for name in self._inputs]
        order = np.argsort(_sizes(arrays), kind="stable")
        batches = []
        for start in range(0, len(order), _BATCH_SIZE):
            chosen = order[start : start + _BATCH_SIZE]
            outputs = self._function(
                *[tf.constant(values[chosen]) for values in arrays]
            )
            batches.append({name: t.numpy() for name, t in outputs.items()})
        joined = join_batches(batches)
        inverse = np.argsort(order)
        return {name: values[inverse] for name, values in joined.items()}


def _array(values: Sequence) -> np.ndarray:
    if len(values) and isinstance(values[0], str | bytes):
        return np.array([_bytes(value) for value in values], object)
    return np.asarray(values, np.int32)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _sizes(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the bytes of each row's texts."""
    texts = [values for values in arrays if values.dtype == object]
    return np.sum([[len(text) for text in column] for column in texts], axis=0)
