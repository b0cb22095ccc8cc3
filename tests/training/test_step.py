import keras
import numpy as np
import pytest
from small_training import (
    SmallNetwork,
    equal,
    run,
    settings,
    small_data,
    squared_error,
    weights_of,
)

from bert_keras.training import Objective, make_optimizer
from bert_keras.training.optimization import FusedAdamW
from bert_keras.training.step import train_steps

CHOSEN = np.arange(4)


def one_step(
    network,
    data,
    loss=squared_error,
    *,
    gradient_accumulation_steps=1,
    **changes,
):
    """Takes one step at the rate 0.1; returns what it returned."""
    # Without a warm-up the first update has the full rate.
    constant = {"learning_rate": 0.1, "warmup_ratio": 0.0}
    free = {"global_clipnorm": 1e6, "weight_decay": 0.0}
    wanted = settings(**constant | free | changes)
    optimizer = make_optimizer(wanted)
    (step,) = train_steps(
        [Objective(network, data, loss)],
        optimizer,
        global_clipnorm=wanted.global_clipnorm,
        gradient_accumulation_steps=gradient_accumulation_steps,
    )
    return step(
        data.sequences.batch(CHOSEN), data.targets[CHOSEN], data.weights[CHOSEN]
    )


class Line(keras.Model):
    """Answers kernel * first word + bias, to be worked out by hand."""

    def __init__(self):
        super().__init__(name="line")
        self.kernel = self.add_weight(
            (1,), initializer=keras.initializers.Constant(2.0), name="kernel"
        )
        self.bias = self.add_weight((1,), initializer="ones", name="bias")
        self.built = True

    def call(self, inputs, training=None):
        first = keras.ops.cast(inputs["input_word_ids"][:, :1], "float32")
        return first * self.kernel + self.bias


def line_gradients(data):
    """Gradients of the mean squared error of a `Line`, by hand."""
    first = data.sequences.batch(CHOSEN)["input_word_ids"][:, 0].astype(float)
    shares = data.weights[CHOSEN] / data.weights[CHOSEN].sum()
    errors = 2 * first + 1 - data.targets[CHOSEN]
    return (
        (shares * errors**2).sum(),
        np.array([(shares * 2 * errors * first).sum()]),
        np.array([(shares * 2 * errors).sum()]),
    )


def adamw(weight, gradient, *, rate=0.1, decay=0.0):
    """The first update of AdamW by the paper's formula."""
    mean, square = 0.1 * gradient, 0.001 * gradient**2
    update = (mean / 0.1) / (np.sqrt(square / 0.001) + 1e-6)
    return weight - rate * decay * weight - rate * update


def test_one_step_is_adamw_with_decay_of_the_kernel_alone():
    network, data = Line(), small_data()
    loss, finite = one_step(network, data, weight_decay=0.5)
    expected, kernel, bias = line_gradients(data)
    assert finite
    assert loss == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(
        network.kernel.numpy(), adamw(2.0, kernel, decay=0.5), rtol=1e-5
    )
    np.testing.assert_allclose(
        network.bias.numpy(), adamw(1.0, bias), rtol=1e-5
    )


def test_gradients_are_clipped_by_their_global_norm(monkeypatch):
    seen = {}

    def apply(self, gradients, variables=None):
        seen.update(
            (variable.name, gradient.shape)
            for gradient, variable in zip(gradients, variables, strict=True)
        )
        for gradient, variable in zip(gradients, variables, strict=True):
            variable.assign_sub(gradient)  # plain descent shows the gradient

    monkeypatch.setattr(FusedAdamW, "apply", apply)
    network, data = Line(), small_data()
    one_step(network, data, global_clipnorm=0.5)
    _, kernel, bias = line_gradients(data)
    norm = np.hypot(kernel, bias)
    assert norm > 0.5
    assert seen == {"kernel": (1,), "bias": (1,)}
    np.testing.assert_allclose(
        network.kernel.numpy(), 2 - kernel * 0.5 / norm, rtol=1e-5
    )
    np.testing.assert_allclose(
        network.bias.numpy(), 1 - bias * 0.5 / norm, rtol=1e-5
    )


def test_examples_count_as_much_as_their_weights():
    data = small_data(weights=np.array([0, 3, 1, 0] * 5, np.float32))
    loss, _ = one_step(Line(), data)
    assert loss == pytest.approx(line_gradients(data)[0], rel=1e-6)
    twice = small_data(weights=data.weights * 2)
    assert one_step(Line(), twice)[0] == pytest.approx(loss, rel=1e-6)


@pytest.mark.parametrize("slices", [3, 4])
def test_slices_make_the_update_of_the_whole_batch(slices):
    weights = np.array([1, 2, 0.5, 3] * 5, np.float32)
    data = small_data(weights=weights)
    whole, sliced = SmallNetwork(0.0), SmallNetwork(0.0)
    loss, _ = one_step(whole, data, global_clipnorm=0.5)
    same, _ = one_step(
        sliced, data, gradient_accumulation_steps=slices, global_clipnorm=0.5
    )
    assert same == pytest.approx(loss, rel=1e-6)
    for name, weight in weights_of(whole).items():
        np.testing.assert_allclose(
            weights_of(sliced)[name], weight, atol=1e-6, err_msg=name
        )


def test_sparse_gradients_are_clipped_as_dense_ones_are(monkeypatch):
    def apply(self, gradients, variables=None):
        for gradient, variable in zip(gradients, variables, strict=True):
            variable.assign_sub(gradient)  # plain descent shows the gradient

    monkeypatch.setattr(FusedAdamW, "apply", apply)
    # A whole batch, with repeated words, has sparse gradients; slices have
    # dense ones.
    sparse, dense = SmallNetwork(0.0), SmallNetwork(0.0)
    words = small_data().sequences.batch(CHOSEN)["input_word_ids"]
    assert len(np.unique(words)) < words.size
    one_step(sparse, small_data(), global_clipnorm=0.01)
    one_step(
        dense, small_data(), gradient_accumulation_steps=2, global_clipnorm=0.01
    )
    moved = sparse.words.embeddings.numpy() - SmallNetwork().words.embeddings
    assert 0.001 < np.linalg.norm(moved) < 0.01
    for name, weight in weights_of(sparse).items():
        np.testing.assert_allclose(
            weights_of(dense)[name], weight, atol=1e-7, err_msg=name
        )


def test_slices_train_as_whole_batches_do():
    _, whole = run(network=SmallNetwork(0.0))
    _, sliced = run(network=SmallNetwork(0.0), gradient_accumulation_steps=3)
    for name, weight in whole.items():
        np.testing.assert_allclose(
            sliced[name], weight, atol=1e-4, err_msg=name
        )


def test_weights_that_the_loss_does_not_use_stay():
    network = SmallNetwork()
    before = network.unused.kernel.numpy()
    one_step(network, small_data(), weight_decay=0.5)
    np.testing.assert_array_equal(network.unused.kernel.numpy(), before)


@pytest.mark.parametrize("slices", [1, 2])
def test_a_loss_that_is_not_finite_changes_no_weight(slices):
    data = small_data(targets=np.full(20, np.inf, np.float32))
    network = SmallNetwork()
    before = weights_of(network)
    _, finite = one_step(network, data, gradient_accumulation_steps=slices)
    after = weights_of(network)
    dropout = {name for name in before if "seed" in name}
    assert not finite
    assert equal(
        {k: v for k, v in before.items() if k not in dropout},
        {k: v for k, v in after.items() if k not in dropout},
    )
