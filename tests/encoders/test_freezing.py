"""What is frozen: by request, by hand, undone, saved."""

import keras
import numpy as np
import pytest
from hub_encoder import save_hub_encoder

from bert_keras.encoders import BertEncoder, SavedModelEncoder

ALL = ["block_0", "block_1", "embeddings", "pooler"]


@pytest.fixture
def encoder(tiny_config):
    return BertEncoder(tiny_config)


def trained_layers(encoder):
    """The layers that an optimizer sees."""
    start = len(encoder.path) + 1
    paths = [v.path[start:] for v in encoder.trainable_variables]
    return sorted({path.split("/")[0] for path in paths})


@pytest.mark.parametrize(
    ("what", "frozen"),
    [
        ("embeddings", ["embeddings"]),
        (1, ["block_0", "embeddings"]),
        (2, ["block_0", "block_1", "embeddings"]),
        ("all", ALL),
    ],
)
def test_freeze_and_unfreeze(encoder, what, frozen):
    assert encoder.frozen == []
    encoder.freeze(what)
    assert encoder.frozen == frozen
    assert trained_layers(encoder) == sorted(set(ALL) - set(frozen))
    encoder.unfreeze()
    assert encoder.frozen == []
    assert trained_layers(encoder) == ALL


def test_as_keras_does_it(encoder):
    encoder.trainable = False
    assert encoder.frozen == ALL
    encoder.trainable = True
    assert encoder.frozen == []
    encoder.blocks[1].feed_forward.trainable = False
    encoder.pooler.bias.trainable = False
    assert encoder.frozen == ["block_1/feed_forward", "pooler/bias"]


def test_what_was_frozen_by_hand_is_undone_as_well(encoder):
    encoder.trainable = False
    encoder.blocks[0].trainable = True
    encoder.blocks[0].feed_forward.trainable = False
    encoder.blocks[0].feed_forward.inner.trainable = True
    encoder.blocks[0].feed_forward.inner.bias.trainable = False
    encoder.unfreeze()
    assert encoder.frozen == []
    assert trained_layers(encoder) == ALL
    assert encoder.blocks[0].feed_forward.trainable


def test_it_adds_up(encoder):
    encoder.freeze(1)
    encoder.freeze("embeddings")
    assert encoder.frozen == ["block_0", "embeddings"]


@pytest.mark.parametrize("what", [0, 3, -1, True, 1.0, "1", "blocks", None])
def test_anything_else_is_refused(encoder, what):
    with pytest.raises(
        ValueError, match=r"'all' or a number of blocks, 1 to 2\. Re"
    ):
        encoder.freeze(what)
    assert encoder.frozen == []


def test_a_frozen_weight_stays_as_it_is(encoder, inputs_for):
    inputs = {
        name: keras.Input((None,), dtype="int32", name=name)
        for name in inputs_for([[1]])
    }
    model = keras.Model(inputs, encoder(inputs)["pooled_output"])
    encoder.freeze(1)
    before = {k: v.numpy() for k, v in encoder.named_variables.items()}
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.fit(inputs_for([[1, 1]]), np.ones((1, 8)), verbose=0)
    moved = {
        name.split("/")[0]
        for name, variable in encoder.named_variables.items()
        if np.any(variable.numpy() != before[name])
    }
    assert moved == {"block_1", "pooler"}


def test_repr_counts_what_is_trained(encoder):
    assert repr(encoder) == (
        "BertEncoder(2 blocks, hidden_size 8, 2 heads, vocabulary 30, "
        "1,672 parameters)"
    )
    encoder.freeze(2)
    assert repr(encoder).endswith("1,672 parameters, 72 of them trainable)")


@pytest.mark.parametrize("what", [1, "all", None])
def test_saved_with_the_encoder(encoder, tmp_path, what):
    if what is None:  # by hand, and against the flag of the whole
        encoder.trainable = False
        encoder.pooler.trainable = True
    else:
        encoder.freeze(what)
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.models.load_model(tmp_path / "encoder.keras")
    assert loaded.frozen == encoder.frozen
    assert loaded.trainable == encoder.trainable
    assert trained_layers(loaded) == trained_layers(encoder)


def test_a_savedmodel_is_frozen_as_a_whole(tmp_path):
    encoder = SavedModelEncoder(save_hub_encoder(tmp_path / "encoder"))
    assert encoder.frozen == ["scale"]  # as published
    encoder.freeze()
    assert encoder.trainable_variables == []
    assert encoder.frozen == [
        "attention",
        "pooler",
        "projection",
        "scale",
        "words",
    ]
    encoder.unfreeze()
    assert encoder.frozen == ["scale"]
    for what in (1, "embeddings"):
        with pytest.raises(ValueError, match=r"Expected 'all'.*named_variab"):
            encoder.freeze(what)
