import dataclasses

import pytest

from bert_keras.training import TrainingSettings


def test_the_defaults_are_those_of_the_paper():
    settings = TrainingSettings().to_dict()
    settings.pop("save_seconds")
    assert settings == {
        "epochs": 3,
        "batch_size": 32,
        "learning_rate": 3e-5,
        "warmup_ratio": 0.1,
        "weight_decay": 0.01,
        "layer_decay": 1.0,
        "steps_per_epoch": None,
        "global_clipnorm": 1.0,
        "gradient_accumulation_steps": 1,
        "patience": 0,
        "seed": 42,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": -1e-5},
        {"learning_rate": float("nan")},
        {"warmup_ratio": 1.5},
        {"weight_decay": -0.1},
        {"global_clipnorm": 0.0},
        {"gradient_accumulation_steps": 0},
        {"gradient_accumulation_steps": 33},
        {"patience": -1},
        {"seed": -1},
        {"seed": 2**31},
    ],
    ids=str,
)
def test_a_value_out_of_range_is_named(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=rf"Expected `{name}` from") as error:
        TrainingSettings(**wrong)
    assert f"{name}={value!r}" in str(error.value)


def test_more_slices_than_examples_make_no_sense():
    with pytest.raises(
        ValueError, match="`gradient_accumulation_steps` from 1 to 4"
    ):
        TrainingSettings(batch_size=4, gradient_accumulation_steps=5)


def test_settings_do_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainingSettings().epochs = 5
