"""Checkpoints and SavedModels that the Model Garden writes load as ours.

Shapes beyond those of golden/tensorflow; `make test-garden` runs this file.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from bert_keras.checkpoints import (
    load_encoder,
    load_preprocessor,
    read_checkpoint,
)
from bert_keras.encoders import BertEncoder

tf = pytest.importorskip("tensorflow")

pytestmark = [pytest.mark.garden, pytest.mark.filterwarnings("ignore")]

# Layers, heads, head width, types, vocabulary, activation, epsilon.
SHAPES = {
    "2 gelu": (2, 2, 4, 2, 37, "gelu", 1e-12),
    "12 gelu_new": (12, 4, 8, 2, 101, "gelu_new", 1e-12),
    "3 relu": (3, 1, 8, 16, 33, "relu", 1e-12),
    "4 eps": (4, 3, 4, 1, 47, "gelu", 1e-5),
    "6 large eps": (6, 2, 6, 2, 31, "gelu_new", 1e-3),
}
CASED = """[PAD] [UNK] [CLS] [SEP] [MASK] the a film is good bad play ##ing
##ed un ##able . , ! ? 1 2 ##1 ##2 caf ##e na ##ive Film Good A""".split()
TEXTS = ["A Good film!", "", "playing a café, unable", "the FILM 12 2 1"]


@pytest.fixture(scope="module")
def maker():
    """The script that makes the golden files."""
    pytest.importorskip("official.nlp.tools.export_tfhub_lib")
    sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))
    import make_tensorflow

    return make_tensorflow


@pytest.fixture(params=SHAPES)
def shape(request):
    layers, heads, width, types, words, activation, eps = SHAPES[request.param]
    sizes = {
        "vocab_size": words,
        "hidden_size": heads * width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 3 * heads * width + 1,
        "max_position_embeddings": 16,
        "type_vocab_size": types,
    }
    return sizes, {"hidden_act": activation, "layer_norm_eps": eps}


def compare_encoders(maker, compare, sizes, ours, theirs):
    """Compares on real tokens; what stands at padding has no meaning."""
    assert type(ours) is BertEncoder
    inputs = maker.random_inputs(sizes)
    expected = theirs(maker.as_tensors(inputs))
    received = ours(inputs)
    real = inputs["input_mask"].astype(bool)
    for name, where in (("sequence_output", real), ("pooled_output", ...)):
        compare(
            name, received[name].numpy()[where], expected[name].numpy()[where]
        )


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("around", ["encoder", "pretrainer"])
def test_checkpoints(maker, compare, shape, version, around, tmp_path):
    sizes, settings = shape
    encoder = maker.make_encoder(sizes, version=version, **settings)
    objects = {"encoder": encoder}
    if around == "pretrainer":
        objects = {
            "model": maker.make_pretrainer(
                encoder, hidden_act=settings["hidden_act"]
            )
        }
    tf.train.Checkpoint(**objects).save(str(tmp_path / "ckpt"))
    exact = {"approx_gelu": settings["hidden_act"] != "gelu"}
    (tmp_path / "encoder_config.json").write_text(
        json.dumps({"encoder": {"type": "bert", "bert": settings | exact}})
    )
    ours = load_encoder(tmp_path)
    compare_encoders(maker, compare, sizes, ours, encoder)


@pytest.mark.parametrize("with_mlm", [False, True])
def test_hub_encoders(maker, compare, shape, with_mlm, tmp_path):
    sizes, settings = shape
    pieces = [*CASED, *(f"[unused{i}]" for i in range(200))]
    model = maker.export_encoder(
        tmp_path / "hub",
        sizes,
        pieces=pieces[: sizes["vocab_size"]],
        lower=not with_mlm,
        with_mlm=with_mlm,
        **settings,
    )
    theirs = model.encoder_network if with_mlm else model
    contents = read_checkpoint(tmp_path / "hub")
    assert contents.config.hidden_act == settings["hidden_act"]
    assert contents.config.layer_norm_eps == settings["layer_norm_eps"]
    assert ("masked_lm" in contents.heads) == with_mlm
    assert contents.tokenizer.do_lower_case != with_mlm
    ours = load_encoder(tmp_path / "hub")
    compare_encoders(maker, compare, sizes, ours, theirs)


@pytest.mark.parametrize("lower", [False, True])
def test_preprocessors(maker, lower, tmp_path):
    maker.export_preprocessor(tmp_path / "hub", lower=lower, length=12)
    theirs = tf.saved_model.load(str(tmp_path / "hub"))
    ours = load_preprocessor(tmp_path / "hub", max_length=12, padding="fixed")
    assert ours.config.do_lower_case == lower
    expected = theirs(tf.constant(TEXTS))
    received = ours(TEXTS)
    for name, values in expected.items():
        np.testing.assert_array_equal(received[name], values)


def test_a_network_that_normalizes_first_is_run_as_it_is(maker, tmp_path):
    from official.nlp.configs import encoders
    from official.nlp.tools import export_tfhub_lib as lib

    config = encoders.BertEncoderConfig(
        vocab_size=31,
        hidden_size=8,
        num_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=16,
        norm_first=True,
    )
    config = encoders.EncoderConfig(type="bert", bert=config)
    (tmp_path / "vocab.txt").write_text("\n".join(CASED) + "\n")
    _, network = lib._create_model(encoder_config=config, with_mlm=False)
    checkpoint = tf.train.Checkpoint(model=network, encoder=network)
    lib.export_model(
        str(tmp_path / "hub"),
        encoder_config=config,
        model_checkpoint_path=checkpoint.save(str(tmp_path / "ckpt")),
        with_mlm=False,
        vocab_file=str(tmp_path / "vocab.txt"),
        do_lower_case=False,
    )
    contents = read_checkpoint(tmp_path / "hub")
    assert contents.config is None
    assert "normalizes before" in contents.notes[0]


@pytest.mark.parametrize("hidden_act", ["gelu", "relu"])
def test_tf1_through_the_gardens_converter(
    maker, compare, hidden_act, tmp_path
):
    """google-research's "gelu" is what the Garden makes of its checkpoints."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "checkpoints"))
    from official.legacy.bert import configs
    from official.nlp.tools import tf2_bert_encoder_checkpoint_converter as lib
    from tf1_files import random_weights, save_tf1, tf1_shapes

    sizes = maker.SIZES | {"vocab_size": 43}
    weights = random_weights(tf1_shapes(sizes))
    folder = save_tf1(
        tmp_path / "tf1", weights, sizes | {"hidden_act": hidden_act}
    )
    config = configs.BertConfig.from_json_file(folder / "bert_config.json")
    lib.convert_checkpoint(
        bert_config=config,
        output_path=str(tmp_path / "tf2" / "ckpt"),
        v1_checkpoint=str(folder / "bert_model.ckpt"),
    )
    theirs = lib._create_bert_model(config)
    checkpoint = tf.train.Checkpoint(model=theirs)
    checkpoint.restore(
        tf.train.latest_checkpoint(str(tmp_path / "tf2"))
    ).assert_existing_objects_matched()

    def encode(inputs):
        names = ("sequence_output", "pooled_output")
        return dict(zip(names, theirs(inputs), strict=True))

    compare_encoders(maker, compare, sizes, load_encoder(folder), encode)
