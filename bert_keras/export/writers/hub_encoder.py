"""An encoder as a SavedModel of the TF Hub text API.

    encoder = hub.load(folder)       or hub.KerasLayer(folder, trainable=True)
    encoder(inputs)                  pooled_output, sequence_output,
                                     encoder_outputs, default
    encoder(inputs, training=True)   the same with dropout
    encoder.mlm(inputs)              mlm_logits too, at masked_lm_positions
    encoder.vocab_file               the vocabulary, a file in assets/
    encoder.do_lower_case            whether text is lowercased

Sequences are computed with their padding, as training and compilation for
accelerators require; the shapes of inputs are those of outputs.

https://www.tensorflow.org/hub/common_saved_model_apis/text
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import tensorflow as tf

from bert_keras import contract
from bert_keras.checkpoints.readers.own_hub import BERT_CONFIG
from bert_keras.encoders import BertEncoder
from bert_keras.export.writers.hub_files import save_with_vocabulary
from bert_keras.heads import MaskedLMHead
from bert_keras.preprocessing import Vocabulary


def write_hub_encoder(
    folder: str | Path,
    encoder: BertEncoder,
    *,
    vocabulary: Vocabulary | None = None,
    masked_lm: MaskedLMHead | None = None,
) -> None:
    """Writes an encoder as a SavedModel of the TF Hub text API.

    Its weights are named as in `named_variables`, after `bert/`, and those of
    the head after `masked_lm/`. Settings that are not in the graph, such as the
    number of attention heads, are in `assets.extra/bert_config.json` and
    `tokenizer_config.json`.

    Args:
        folder: The folder to write; created if it is missing.
        encoder: In float32, as the API requires.
        vocabulary: Its tokens, and the tokenizer's settings.
        masked_lm: Its head, for `mlm`.

    Raises:
        ValueError: If the encoder computes in another precision.
        OSError: If the folder cannot be written.
    """
    if encoder.compute_dtype != "float32":
        raise ValueError(
            "Expected an encoder in float32, the precision of the TF Hub text "
            f"API. Received: {encoder.dtype_policy.name}. Load it with "
            "dtype='float32'."
        )
    network = Borrowed(encoder, "bert")
    module = _encoder(network)
    if masked_lm is not None:
        module.mlm = _masked_lm(module, network, masked_lm)
    if vocabulary is not None:
        module.do_lower_case = tf.Variable(
            vocabulary.config.do_lower_case,
            trainable=False,
            name="do_lower_case",
        )
    configs = {BERT_CONFIG: encoder.config}
    save_with_vocabulary(module, Path(folder), vocabulary, configs)


class Borrowed:
    """A Keras layer that is called with TensorFlow variables of our names.

    Keras' own variables would be saved under names without their paths, with a
    variable for each dropout's random state, which replicas in distributed
    training cannot write to.

    Args:
        layer: Built; its `named_variables` are all trainable.
        name: Prefix of the names of its variables.

    Attributes:
        variables: `tf.Variable`s with the layer's values.
    """

    def __init__(self, layer: keras.layers.Layer, name: str):
        self._layer = layer
        names = {id(v): path for path, v in layer.named_variables.items()}
        self.variables = [
            tf.Variable(v.value, name=f"{name}/{names[id(v)]}")
            for v in layer.trainable_variables
        ]

    def __call__(self, *args, random: bool = False, **kwargs):
        """Calls the layer; with `random`, it draws new random numbers."""
        states = self._layer.non_trainable_variables
        seeds = [tf.zeros([2], tf.int64)] * len(states)
        if random and states:
            seeds = tf.unstack(
                tf.random.uniform(
                    [len(states), 2], maxval=tf.int32.max, dtype=tf.int64
                )
            )
        outputs, _ = self._layer.stateless_call(
            self.variables, seeds, *args, **kwargs
        )
        return outputs


def _encoder(network: Borrowed) -> tf.train.Checkpoint:
    def encode(inputs, training=False):
        encoded = network(inputs, training=training, random=training)
        return encoded | {
            contract.DEFAULT_OUTPUT: encoded[contract.POOLED_OUTPUT]
        }

    specs = contract.encoder_input_specs()
    return _reusable(encode, specs, network.variables)


def _masked_lm(
    module: tf.train.Checkpoint, network: Borrowed, masked_lm: MaskedLMHead
) -> tf.train.Checkpoint:
    head = Borrowed(masked_lm, "masked_lm")
    table = next(v for v in network.variables if "/word/" in v.name)

    def guess(inputs, training=False):
        inputs = dict(inputs)
        positions = inputs.pop(contract.MASKED_LM_POSITIONS)
        encoded = module.__call__(inputs, training=training)
        del encoded[contract.DEFAULT_OUTPUT]
        logits = head(
            encoded[contract.SEQUENCE_OUTPUT],
            positions,
            table=tf.convert_to_tensor(table) if masked_lm.tied else None,
        )
        return encoded | {contract.MLM_LOGITS: logits}

    name = contract.MASKED_LM_POSITIONS
    specs = contract.encoder_input_specs() | {
        name: tf.TensorSpec([None, None], tf.int32, name=name)
    }
    return _reusable(guess, specs, [*network.variables, *head.variables])


def _reusable(
    call: Callable, specs: dict, variables: Sequence[tf.Variable]
) -> tf.train.Checkpoint:
    """Returns a module that `hub.KerasLayer` can call and train."""
    module = tf.train.Checkpoint()
    module.variables = list(variables)
    module.trainable_variables = list(variables)
    module.regularization_losses = []
    module.__call__ = tf.function(call, autograph=False)
    for training in (False, True):
        module.__call__.get_concrete_function(specs, training=training)
    return module
