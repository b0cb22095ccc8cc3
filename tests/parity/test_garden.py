"""Our encoder beside the Model Garden's, which made the TF Hub handles.

Both get the same random weights by the table below. `make test-garden` runs
this file.
"""

import dataclasses
import re

import numpy as np
import pytest

from bert_keras.contract import (
    ATTENTION_SCORES,
    ENCODER_OUTPUTS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
)

tf = pytest.importorskip("tensorflow")

pytestmark = pytest.mark.garden

MASK = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0], [1, 0, 1, 1, 0, 1]]

# The Garden's name after that of its encoder -> ours. The Garden keeps heads
# apart, [width, heads, head width]: such weights are reshaped, not transposed.
NAMES = {
    r"word_embeddings/embeddings": "embeddings/word/embeddings",
    r"position_embedding/embeddings": "embeddings/position/embeddings",
    r"type_embeddings/embeddings": "embeddings/type/embeddings",
    r"embeddings/layer_norm/(\w+)": r"embeddings/norm/\1",
    r"transformer/layer_(\d+)/self_attention/(query|key|value)/(\w+)": (
        r"block_\1/attention/\2/\3"
    ),
    r"transformer/layer_(\d+)/self_attention/attention_output/(\w+)": (
        r"block_\1/attention/output/\2"
    ),
    r"transformer/layer_(\d+)/self_attention_layer_norm/(\w+)": (
        r"block_\1/attention_norm/\2"
    ),
    r"transformer/layer_(\d+)/intermediate/(\w+)": (
        r"block_\1/feed_forward/inner/\2"
    ),
    r"transformer/layer_(\d+)/output/(\w+)": r"block_\1/feed_forward/outer/\2",
    r"transformer/layer_(\d+)/output_layer_norm/(\w+)": (
        r"block_\1/feed_forward_norm/\2"
    ),
    r"pooler_transform/(\w+)": r"pooler/\1",
}

# `hidden_act` -> the activation that the Garden is given. Its own default,
# and that of its published checkpoints, is the tanh approximation.
ACTIVATIONS = {
    "gelu": lambda x: tf.nn.gelu(x, approximate=False),
    "gelu_new": lambda x: tf.nn.gelu(x, approximate=True),
    "relu": "relu",
}


def our_name(theirs: str) -> str:
    name = theirs.removeprefix("garden/").removesuffix(":0")
    for pattern, ours in NAMES.items():
        match = re.fullmatch(pattern, name)
        if match:
            return match.expand(ours)
    raise KeyError(theirs)


@pytest.fixture(params=ACTIVATIONS)
def encoders(request, build_encoder, tiny_config):
    """Ours and the Garden's with the same weights, and those by our names."""
    networks = pytest.importorskip("official.nlp.modeling.networks")
    config = dataclasses.replace(tiny_config, hidden_act=request.param)
    ours = build_encoder(config)
    theirs = networks.BertEncoderV2(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        num_layers=config.num_hidden_layers,
        num_attention_heads=config.num_attention_heads,
        max_sequence_length=config.max_position_embeddings,
        type_vocab_size=config.type_vocab_size,
        inner_dim=config.intermediate_size,
        inner_activation=ACTIVATIONS[request.param],
        return_attention_scores=True,
        name="garden",
    )
    theirs(theirs.inputs)
    weights = {our_name(v.name): v for v in theirs.trainable_variables}
    assert set(weights) == set(ours.named_variables)
    for name, weight in weights.items():
        values = ours.named_variables[name].numpy()
        weight.assign(values.reshape(weight.shape))
    return ours, theirs, weights


def gradients_of(encode, weights: dict) -> tuple[dict, dict]:
    """Returns outputs, and gradients of a weighted sum of them."""
    random = np.random.default_rng(2)
    real = np.array(MASK, "float32")[:, :, None]
    with tf.GradientTape() as tape:
        encoded = encode()
        loss = tf.reduce_sum(
            encoded[SEQUENCE_OUTPUT] * real * random.normal(0, 0.05, (3, 6, 8))
        )
        loss += tf.reduce_sum(
            encoded[POOLED_OUTPUT] * random.normal(0, 0.05, (3, 8))
        )
    return encoded, tape.gradient(loss, weights)


@pytest.mark.parametrize("packed", [False, True])
def test_outputs_and_gradients(encoders, inputs_for, compare, packed):
    ours, theirs, weights = encoders
    inputs = inputs_for(MASK)
    expected, expected_gradients = gradients_of(lambda: theirs(inputs), weights)
    encoded, gradients = gradients_of(
        lambda: ours(inputs, packed=packed, return_attention_scores=True),
        {name: v.value for name, v in ours.named_variables.items()},
    )
    real = np.array(MASK, bool)
    compare(POOLED_OUTPUT, encoded[POOLED_OUTPUT], expected[POOLED_OUTPUT])
    for name in (ENCODER_OUTPUTS, ATTENTION_SCORES):
        for our, their in zip(encoded[name], expected[name], strict=True):
            our, their = our.numpy(), their.numpy()
            if name == ATTENTION_SCORES:
                our, their = (x.transpose(0, 2, 1, 3) for x in (our, their))
            compare(name, our[real], their[real])
    for name, gradient in gradients.items():
        compare(
            f"gradients/{name}",
            tf.convert_to_tensor(gradient),
            tf.reshape(expected_gradients[name], gradient.shape),
        )
