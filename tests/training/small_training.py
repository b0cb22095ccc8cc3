"""A training so small that a test can run dozens: 20 examples, 40 weights."""

import keras
import numpy as np

from bert_keras.contract import INPUT_MASK, INPUT_WORD_IDS
from bert_keras.training import (
    Monitor,
    Objective,
    TokenSequences,
    TrainingData,
    TrainingSettings,
    train,
)

MONITOR = Monitor("val_loss", highest=False)


class SmallNetwork(keras.Model):
    """Mean of word vectors, dropout, one logit; and an unused layer."""

    def __init__(self, dropout=0.2):
        super().__init__(name="small")
        start = keras.initializers.RandomNormal(stddev=0.5, seed=7)
        self.words = keras.layers.Embedding(
            8, 3, embeddings_initializer=start, name="words"
        )
        self.dropout = keras.layers.Dropout(dropout, name="drop")
        self.dense = keras.layers.Dense(
            1, kernel_initializer=start, name="dense"
        )
        self.unused = keras.layers.Dense(
            2, kernel_initializer="ones", name="unused"
        )
        self.words.build((None, None))
        self.dense.build((None, 3))
        self.unused.build((None, 3))
        self.built = True

    def call(self, inputs, training=None):
        mask = keras.ops.cast(inputs[INPUT_MASK], "float32")[:, :, None]
        vectors = self.words(inputs[INPUT_WORD_IDS]) * mask
        ops = keras.ops
        mean = ops.sum(vectors, axis=1) / ops.sum(mask, axis=1)
        return self.dense(self.dropout(mean, training=training))


def small_sequences(count=20):
    """TokenSequences of 1 to 5 tokens, each a whole number below 8."""
    random = np.random.default_rng(3)
    lengths = random.integers(1, 6, count)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    words = random.integers(0, 8, starts[-1]).astype(np.int32)
    return TokenSequences(words, np.zeros(len(words), np.int8), starts)


def small_data(count=20, **changes):
    """TokenSequences whose target is the number of their tokens."""
    sequences = small_sequences(count)
    values = {
        "targets": sequences.lengths.astype(np.float32),
        "weights": np.ones(count, np.float32),
    }
    return TrainingData(sequences, **(values | changes))


def squared_error(targets, logits):
    return (targets - logits[:, 0]) ** 2


def settings(**changes):
    return TrainingSettings(
        **{"epochs": 3, "batch_size": 4, "learning_rate": 0.05} | changes
    )


def validator(network, data):
    """Returns a function that measures the loss on the first four examples."""

    def validate():
        logits = network(data.sequences.batch(np.arange(4)), training=False)
        loss = np.mean((data.targets[:4] - logits[:, 0]) ** 2)
        return {"val_loss": float(loss)}

    return validate


def run(
    state_path=None, callbacks=(), *, network=None, data=None, loss=None, **more
):
    """Trains, and returns (history, weights by name)."""
    network = network or SmallNetwork()
    data = data or small_data()
    history = train(
        network,
        [Objective(network, data, loss or squared_error)],
        settings(**more),
        evaluate=validator(network, data),
        monitor=MONITOR,
        state_path=state_path,
        callbacks=callbacks,
    )
    return history, weights_of(network)


def weights_of(network):
    return {weight.path: weight.numpy() for weight in network.weights}


def equal(left, right):
    """Whether two sets of weights are the same, bit for bit."""
    return left.keys() == right.keys() and all(
        np.array_equal(left[name], right[name]) for name in left
    )
