import keras
import numpy as np
import pytest

from bert_keras.training import TrainingSettings
from bert_keras.training.learning_rate import WarmupLinearDecay
from bert_keras.training.optimization import (
    OptimizerChoice,
    make_optimizer,
    make_schedule,
)


def test_the_rate_rises_and_falls_in_straight_lines():
    schedule = WarmupLinearDecay(0.5, warmup_steps=2, total_steps=6)
    rates = [float(schedule(step)) for step in range(8)]
    assert rates == [0.0, 0.25, 0.5, 0.375, 0.25, 0.125, 0.0, 0.0]


def test_without_a_warm_up_the_first_update_has_the_full_rate():
    schedule = WarmupLinearDecay(1.0, warmup_steps=0, total_steps=4)
    rates = [float(schedule(step)) for step in range(5)]
    assert rates == [1.0, 0.75, 0.5, 0.25, 0.0]


def test_a_warm_up_of_all_steps_never_falls():
    schedule = WarmupLinearDecay(1.0, warmup_steps=4, total_steps=4)
    assert [float(schedule(step)) for step in range(4)] == [0, 0.25, 0.5, 0.75]


def test_the_schedule_survives_keras_own_saving():
    schedule = WarmupLinearDecay(0.5, warmup_steps=2, total_steps=6)
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(schedule)
    )
    assert float(copy(3)) == float(schedule(3))


def test_the_optimizer_is_what_the_settings_say():
    settings = TrainingSettings(
        learning_rate=0.2, warmup_ratio=0.25, weight_decay=0.3
    )
    optimizer = make_optimizer(settings)
    assert isinstance(optimizer, keras.optimizers.AdamW)
    assert optimizer.weight_decay == pytest.approx(0.3)
    assert optimizer.epsilon == 1e-6
    assert float(optimizer.learning_rate) == pytest.approx(0.2)
    assert make_schedule(settings, 8).get_config() == {
        "peak": 0.2,
        "warmup_steps": 2,
        "total_steps": 8,
    }


def test_a_named_optimizer_obeys_the_settings():
    settings = TrainingSettings(learning_rate=0.2, weight_decay=0.3)
    optimizer = make_optimizer(settings, OptimizerChoice("sgd"))
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert float(optimizer.learning_rate) == pytest.approx(0.2)
    assert optimizer.weight_decay == pytest.approx(0.3)


def test_an_instance_keeps_what_it_was_made_with():
    mine = keras.optimizers.SGD(0.5, clipnorm=1.0)
    choice = OptimizerChoice(mine)
    assert make_optimizer(TrainingSettings(), choice) is mine
    assert make_schedule(TrainingSettings(), 8, choice) is None
    with pytest.raises(ValueError, match="Received: weight_decay"):
        choice.check({"weight_decay": 0.1, "epochs": 2})


def test_an_unknown_optimizer_is_refused():
    with pytest.raises(ValueError, match="Received: 'adamz'"):
        OptimizerChoice("adamz")


def test_layers_can_have_lower_learning_rates():
    layer = keras.layers.Dense(1, name="low", kernel_initializer="ones")
    layer.build((None, 1))
    settings = TrainingSettings(learning_rate=0.1, weight_decay=0.0)
    choice = OptimizerChoice(rate_multipliers={"low/kernel": 0.25})
    optimizer = make_optimizer(settings, choice)
    optimizer.build(layer.trainable_variables)
    optimizer.apply([np.ones((1, 1), np.float32), np.ones(1, np.float32)])
    # Adam's first update is the learning rate, whatever the gradient.
    assert float(layer.kernel.numpy()[0, 0]) == pytest.approx(0.975, rel=1e-4)
    assert float(layer.bias.numpy()[0]) == pytest.approx(-0.1, rel=1e-4)


def test_biases_and_normalizations_do_not_decay():
    layer = keras.Sequential(
        [keras.layers.Dense(2), keras.layers.LayerNormalization()]
    )
    layer.build((None, 3))
    for weight in layer.weights:
        weight.assign(np.ones(weight.shape))
    optimizer = make_optimizer(
        TrainingSettings(learning_rate=0.5, warmup_ratio=0.0, weight_decay=0.1),
    )
    optimizer.build(layer.trainable_variables)
    optimizer.apply(
        [np.zeros(w.shape, np.float32) for w in layer.trainable_variables]
    )
    kept = {w.name: float(w.numpy().ravel()[0]) for w in layer.weights}
    assert kept == pytest.approx(
        # Rate 0 at step 0 of a warm-up; without one it starts at the peak.
        {"kernel": 1 - 0.1 * 0.5, "bias": 1.0, "gamma": 1.0, "beta": 1.0}
    )


def test_the_fused_update_is_that_of_keras():
    random = np.random.default_rng(0)
    start = random.normal(size=(3, 4)).astype(np.float32)
    ours = keras.Variable(start, name="kernel")
    theirs = keras.Variable(start, name="kernel")
    settings = TrainingSettings(learning_rate=0.1, warmup_ratio=0.0)
    fused = make_optimizer(settings)
    composed = keras.optimizers.AdamW.from_config(fused.get_config())
    fused.build([ours])
    composed.build([theirs])
    for _ in range(5):
        gradient = keras.ops.convert_to_tensor(
            random.normal(size=(3, 4)).astype(np.float32)
        )
        fused.apply([gradient], [ours])
        composed.apply([gradient], [theirs])
    assert np.abs(ours.numpy() - start).max() > 0.1
    # The kernel rounds 1 - beta_2 in float32, 5e-5 of itself off Keras' own.
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-5)
    *shared, updates = fused.variables
    assert updates.numpy().tolist() == [5.0]
    for a, b in zip(shared, composed.variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4)
