import json

import pytest

from bert_keras.config import (
    BertConfig,
    SavedModelConfig,
    TokenizerConfig,
)


def test_a_google_configuration():
    config = BertConfig.from_dict(
        {
            "attention_probs_dropout_prob": 0.1,
            "directionality": "bidi",
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": 768,
            "initializer_range": 0.02,
            "intermediate_size": 3072,
            "max_position_embeddings": 512,
            "num_attention_heads": 12,
            "num_hidden_layers": 12,
            "pooler_type": "first_token_transform",
            "type_vocab_size": 2,
            "vocab_size": 30522,
        }
    )
    assert config == BertConfig.named("base", vocab_size=30522)


@pytest.mark.parametrize(
    ("size", "layers", "width", "heads", "inner"),
    [
        ("tiny", 2, 128, 2, 512),
        ("mini", 4, 256, 4, 1024),
        ("small", 4, 512, 8, 2048),
        ("medium", 8, 512, 8, 2048),
        ("base", 12, 768, 12, 3072),
        ("large", 24, 1024, 16, 4096),
    ],
)
def test_sizes(size, layers, width, heads, inner):
    config = BertConfig.named(size, vocab_size=100)
    assert config.num_hidden_layers == layers
    assert config.hidden_size == width
    assert config.num_attention_heads == heads
    assert config.intermediate_size == inner


def test_a_size_may_be_changed():
    config = BertConfig.named("tiny", vocab_size=100, intermediate_size=64)
    assert (config.hidden_size, config.intermediate_size) == (128, 64)


def test_round_trip():
    config = BertConfig.named("tiny", vocab_size=100, hidden_act="relu")
    assert BertConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"vocab_size": 9, "rope_theta": 1, "embedding_norm": True},
            "unknown keys: embedding_norm, rope_theta",
        ),
        ({"hidden_size": 8}, "with `vocab_size`. Received keys: hidden_size"),
        ({}, "Received keys: none"),
        ({"vocab_size": 9, "model_type": "roberta"}, "model_type='roberta'"),
        ({"vocab_size": 9, "is_decoder": True}, "is_decoder=True"),
        ({"vocab_size": 9, "embedding_size": 128}, "embedding_size=128"),
        ({"vocab_size": 0}, "vocab_size=0"),
        ({"vocab_size": 9.5}, "vocab_size=9.5"),
        (
            {"vocab_size": 9, "hidden_size": 10, "num_attention_heads": 4},
            "hidden_size=10, num_attention_heads=4",
        ),
        (
            {"vocab_size": 9, "hidden_act": "swish"},
            "gelu, gelu_new, gelu_pytorch_tanh, relu. Received: "
            "hidden_act='swish'",
        ),
        (
            {"vocab_size": 9, "position_embedding_type": "relative_key"},
            "absolute, sinusoidal. Received: "
            "position_embedding_type='relative_key'",
        ),
    ],
)
def test_errors(values, message):
    with pytest.raises(ValueError) as error:
        BertConfig.from_dict(values)
    assert message in str(error.value)


def test_an_unknown_size():
    with pytest.raises(ValueError, match=r"tiny, mini, .*, large\. Received"):
        BertConfig.named("huge", vocab_size=9)


@pytest.mark.parametrize(
    "text", ["[1]", "{", json.dumps({"vocab_size": 9, "speed": 1})]
)
def test_an_error_names_the_file(tmp_path, text):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(ValueError) as error:
        BertConfig.from_file(path)
    assert str(error.value).startswith(f"{path}: ")


SIZES = (
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
    "type_vocab_size",
)
SMALL = {"vocab_size": 9, "hidden_size": 4, "num_attention_heads": 2}


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize(
    "value", [0, -1, 10**8, 10**30, 2.0, True, "2", None, [2], float("nan")]
)
def test_a_size_is_an_integer_of_this_world(name, value):
    with pytest.raises(ValueError, match=f"`{name}` to be an integer from 1"):
        BertConfig(**{**SMALL, name: value})


@pytest.mark.parametrize("value", [-1, 9, 10**30, 0.0, "0", True])
def test_the_padding_token_is_in_the_vocabulary(value):
    with pytest.raises(ValueError, match=r"`pad_token_id` .* from 0 to 8"):
        BertConfig(**{**SMALL, "pad_token_id": value})


def test_a_padding_token_of_null_is_the_default():
    config = BertConfig.from_dict({**SMALL, "pad_token_id": None})
    assert config.pad_token_id == 0


BAD_NUMBERS = [
    *(-1, -1e-12, 100, float("nan"), float("inf"), -float("inf"), 10**400),
    *("0.1", None, True, [0.1]),
]


@pytest.mark.parametrize("name", ["layer_norm_eps", "initializer_range"])
@pytest.mark.parametrize("value", [0, 0.0, *BAD_NUMBERS])
def test_a_number_above_0(name, value):
    with pytest.raises(ValueError, match=f"`{name}` to be a number greater"):
        BertConfig(**{**SMALL, name: value})


@pytest.mark.parametrize(
    "name", ["hidden_dropout_prob", "attention_probs_dropout_prob"]
)
@pytest.mark.parametrize("value", [1, 1.0, *BAD_NUMBERS])
def test_a_probability(name, value):
    with pytest.raises(ValueError, match=f"`{name}` to be a number at least"):
        BertConfig(**{**SMALL, name: value})
    assert BertConfig(**{**SMALL, name: 0})


@pytest.mark.parametrize(
    "values",
    [
        {"hidden_size": 10**9},
        {"hidden_size": 8, "hidden_dropout_prob": float("nan")},
        {"hidden_size": 8, "initializer_range": -1},
        {"hidden_size": 8, "saved_model": "../other"},
        {"hidden_size": 8, "saved_model": "/tmp"},
        {"hidden_size": 8, "saved_model": ".."},
        {"hidden_size": 8, "saved_model": ""},
        {"hidden_size": 8, "saved_model": 1},
    ],
)
def test_an_encoder_that_is_a_savedmodel(values):
    with pytest.raises(ValueError, match="Expected"):
        SavedModelConfig(**values)


@pytest.mark.parametrize("value", [0, -1, 10**9, 1.5, True, "200"])
def test_the_longest_word(value):
    with pytest.raises(ValueError, match="`max_word_length`"):
        TokenizerConfig(max_word_length=value)
