"""What a Keras user tries, works: arguments of `fit`, callbacks, sources."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_fit import LIVELY
from tiny_task import LIKENESS, PAIRS, SCORES, SINGLE

from bert_keras.tasks import (
    MaskedLanguageModel,
    QuestionAnswerer,
    TextClassifier,
    TextEmbedder,
    TextRegressor,
    TokenTagger,
    fine_tuning,
)

TEXTS, LABELS = map(list, zip(*SINGLE, strict=True))
ONCE = LIVELY | {"epochs": 1, "verbose": 0}


def columns(rows):
    """Returns x and y of labelled rows."""
    *x, y = map(list, zip(*rows, strict=True))
    return x[0] if len(x) == 1 else list(zip(*x, strict=True)), list(y)


ENTITIES = [
    ("the good film is dull", [(4, 13, "FILM")]),
    ("play, a bad film!", [(8, 16, "FILM")]),
] * 4
ANSWERS = [(("good?", "the good film is a play"), "good film")] * 4
TASKS = {
    "classifier": (TextClassifier, columns(SINGLE)),
    "classifier of pairs": (TextClassifier, columns(PAIRS)),
    "regressor": (TextRegressor, columns(SCORES)),
    "embedder": (TextEmbedder, columns(LIKENESS)),
    "tagger": (TokenTagger, columns(ENTITIES)),
    "qa": (QuestionAnswerer, columns(ANSWERS)),
    "masked-lm": (MaskedLanguageModel, (["the good film is a play"] * 8, None)),
}


@pytest.fixture
def seen(monkeypatch):
    """What `train` was given, instead of a training."""
    calls = []

    def train(network, objectives, settings, **options):
        calls.append({**options, "data": objectives[0].data, "all": settings})
        return []

    monkeypatch.setattr(fine_tuning, "train", train)
    return calls


def weights(data) -> list[float]:
    """Returns the weights of a batch of all examples."""
    batch = data.batch(np.arange(len(data)), np.random.default_rng(0))
    return batch[2].tolist()


@pytest.mark.parametrize("kind", TASKS)
def test_x_and_y_with_weights(kind, tiny_checkpoint, seen):
    task_class, (x, y) = TASKS[kind]
    task = task_class.from_handle(tiny_checkpoint)
    task.fit(x=x, y=y, **ONCE)
    factors = [0.5] + [1.0] * (len(x) - 1)
    task = task_class.from_handle(tiny_checkpoint)
    task.fit(x, y, sample_weight=factors, **ONCE)
    plain, weighted = (weights(call["data"]) for call in seen)
    assert weighted[0] == pytest.approx(plain[0] / 2)
    assert weighted[1:] == pytest.approx(plain[1:])


@pytest.mark.parametrize("kind", TASKS)
def test_a_share_is_held_out(kind, tiny_checkpoint, seen):
    task_class, (x, y) = TASKS[kind]
    if kind in ("tagger", "qa", "masked-lm"):
        x = [_numbered(text, n) for n, text in enumerate(x)]
    task = task_class.from_handle(tiny_checkpoint)
    task.fit(x, y, validation_split=0.5, **ONCE)
    assert len(seen[0]["data"]) < len(x)
    assert seen[0]["evaluate"] is not None


def _numbered(text, number):
    """Texts that are alike are held out together: make them differ."""
    if isinstance(text, tuple):
        return (text[0], text[1] + " 1" * number)
    return text + " 2" * number


def test_a_dataset_of_x_y_and_weights(tiny_checkpoint, seen):
    factors = np.linspace(0.5, 1.0, len(TEXTS), dtype=np.float32)
    numbers = [int(label == "pos") for label in LABELS]
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, numbers, factors))
    task = TextClassifier.from_handle(tiny_checkpoint)
    task.fit(dataset.batch(4), **ONCE)
    assert task.problem.pair is False and task.labels == ("0", "1")
    assert weights(seen[0]["data"]) == pytest.approx(factors.tolist())


def test_a_dataset_that_may_be_read_in_two_ways(tiny_checkpoint, seen):
    factors = np.ones(len(TEXTS), np.float32)
    tensors = tf.data.Dataset.from_tensor_slices
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(ValueError, match="one possible reading"):
        task.fit(tensors((TEXTS, LABELS, factors)), **ONCE)
    named = {"text": TEXTS, "label": LABELS, "sample_weight": factors / 2}
    task.fit(tensors(named), **ONCE)
    assert weights(seen[0]["data"]) == pytest.approx((factors / 2).tolist())


def test_endless_data_takes_steps_per_epoch(tiny_checkpoint):
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, LABELS)).repeat()
    task = TextClassifier.from_handle(tiny_checkpoint)
    counted = Count()
    history = task.fit(
        dataset,
        steps_per_epoch=3,
        callbacks=[counted],
        **ONCE | {"epochs": 2},
    )
    assert len(history) == 2 and counted.batches == 6
    with pytest.raises(ValueError, match="steps_per_epoch"):
        task.fit(dataset, **ONCE)


def test_steps_per_epoch_draw_from_all_of_the_data(tiny_checkpoint, seen):
    task = TextClassifier.from_handle(tiny_checkpoint)
    task.fit(TEXTS, LABELS, steps_per_epoch=1, **ONCE)
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, LABELS))
    task.fit(dataset, steps_per_epoch=1, **ONCE)
    assert [len(call["data"]) for call in seen] == [len(TEXTS)] * 2


class Count(keras.callbacks.Callback):
    batches = 0

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1


@pytest.mark.parametrize(
    "class_weight", [{"pos": 2.0, "neg": 1.0}, {0: 1.0, 1: 2.0}, {"pos": 2}]
)
def test_class_weight(class_weight, tiny_checkpoint, seen):
    task = TextClassifier.from_handle(tiny_checkpoint)
    task.fit(TEXTS, LABELS, class_weight=class_weight, **ONCE)
    expected = [2.0 if label == "pos" else 1.0 for label in LABELS]
    assert weights(seen[0]["data"]) == expected


@pytest.mark.parametrize(
    "class_weight", [{"good": 2.0}, {2: 1.0}, {"pos": -1}, {"pos": "many"}]
)
def test_a_class_weight_of_no_class(class_weight, tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(ValueError, match="labels of neg, pos"):
        task.fit(TEXTS, LABELS, class_weight=class_weight, **ONCE)


def test_labels_that_are_numbers_may_be_meant_either_way(tiny_checkpoint, seen):
    task = TextClassifier.from_handle(tiny_checkpoint)
    labels = ["2" if label == "pos" else "1" for label in LABELS]
    task.fit(TEXTS, labels, class_weight={1: 1.0, 2: 3.0}, **ONCE)
    assert weights(seen[0]["data"])[0] == 3.0
    with pytest.raises(ValueError, match="Received: class_weight="):
        task.fit(TEXTS, labels, class_weight={0: 1.0, 1: 3.0}, **ONCE)


def test_a_regressor_has_no_classes(tiny_checkpoint):
    task = TextRegressor.from_handle(tiny_checkpoint)
    with pytest.raises(ValueError, match="Use `sample_weight`"):
        task.fit(SCORES, class_weight={1: 2.0}, **ONCE)


def test_history_as_keras_returns_it(tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    history = task.fit(
        TEXTS, LABELS, validation_data=(TEXTS, LABELS), **ONCE | {"epochs": 2}
    )
    assert history.epoch == [0, 1]
    assert history.history["loss"] == [e["loss"] for e in history]
    assert len(history.history["val_accuracy"]) == 2
    assert "val_accuracy" in repr(history)


def test_callbacks_as_keras_users_write_them(tiny_checkpoint, tmp_path):
    task = TextClassifier.from_handle(tiny_checkpoint)
    history = task.fit(
        SINGLE,
        validation_data=SINGLE,
        callbacks=[
            keras.callbacks.EarlyStopping("val_accuracy", patience=5),
            keras.callbacks.ReduceLROnPlateau(patience=5),
            keras.callbacks.ModelCheckpoint(tmp_path / "best.keras"),
            keras.callbacks.TensorBoard(str(tmp_path / "logs")),
            keras.callbacks.BackupAndRestore(str(tmp_path / "backup")),
            keras.callbacks.CSVLogger(str(tmp_path / "log.csv")),
            keras.callbacks.TerminateOnNaN(),
            keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: None),
        ],
        **ONCE | {"epochs": 2},
    )
    assert len(history) == 2
    assert list((tmp_path / "logs").rglob("events*"))
    network = keras.models.load_model(tmp_path / "best.keras")
    for left, right in zip(
        network.get_weights(), task.network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(left, right)


def test_a_scheduler_sets_the_rate(tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.002)
    history = task.fit(SINGLE, callbacks=[scheduler], **ONCE)
    assert history[0]["learning_rate"] == pytest.approx(0.002)


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "sgd", "learning_rate": 0.1},
        {"optimizer": keras.optimizers.Adam(0.005)},
        {
            "learning_rate": keras.optimizers.schedules.CosineDecay(0.01, 4),
            "optimizer": None,
        },
        {"loss": "sparse_categorical_crossentropy", "learning_rate": 0.01},
        {
            "loss": keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            ),
            "learning_rate": 0.01,
        },
        {"layer_decay": 0.9, "learning_rate": 0.01},
    ],
    ids=["name", "instance", "schedule", "loss name", "loss", "layer decay"],
)
def test_optimizer_schedule_and_loss(options, tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    history = task.fit(
        SINGLE, verbose=0, epochs=4, batch_size=4, seed=1, **options
    )
    assert history[-1]["loss"] < history[0]["loss"]


def test_a_loss_of_ones_own_is_the_tasks_if_it_computes_the_same(
    tiny_checkpoint,
):
    def cross_entropy(targets, logits):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)

    losses = []
    for loss in (None, cross_entropy):
        task = TextClassifier.from_handle(tiny_checkpoint)
        losses.append(task.fit(SINGLE, loss=loss, **ONCE)[0]["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (keras.losses.SparseCategoricalCrossentropy(), "from_logits=True"),
        (lambda targets, logits: tf.reduce_mean(logits), r"\[batch\]"),
        ("crossentropy", "name of one, such as 'huber'"),
        (3, "Received: loss=3"),
    ],
)
def test_a_loss_that_would_be_wrong(loss, message, tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(ValueError, match=message):
        task.fit(SINGLE, loss=loss, **ONCE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "adamz"}, "Received: 'adamz'"),
        (
            {"optimizer": keras.optimizers.SGD(), "weight_decay": 0.1},
            "Received: weight_decay",
        ),
        ({"validation_split": 1.5}, "validation_split"),
        (
            {"validation_split": 0.5, "validation_data": SINGLE},
            "Received both",
        ),
        ({"verbose": 3}, "`verbose` to be 0, 1 or 2"),
        ({"tensorboard": True}, "Received no `run_dir`"),
        ({"sample_weight": [1.0]}, "sample_weight"),
        ({"epochs": 2.5}, "a whole number. Received: epochs=2.5"),
        ({"callbacks": ["EarlyStopping"]}, "to be Keras callbacks"),
        ({"class_weight": [1.0, 2.0]}, "to be a dict of label and factor"),
        ({"augment": True}, "a number of copies"),
    ],
)
def test_what_cannot_be_meant(options, message, tiny_checkpoint):
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(ValueError, match=message):
        task.fit(TEXTS, LABELS, **{"epochs": 1, "verbose": 0} | options)
    assert not task.trained and task.labels is None


def test_unknown_options_name_their_near_misses(tiny_checkpoint):
    with pytest.raises(TypeError, match="Did you mean label_smoothing"):
        TextClassifier.from_handle(tiny_checkpoint, label_smoothin=0.1)
    task = TextClassifier.from_handle(tiny_checkpoint)
    with pytest.raises(TypeError, match="Did you mean epochs"):
        task.fit(SINGLE, epoch=1)
    with pytest.raises(TypeError, match="Did you mean max_length"):
        TextRegressor.sharing_encoder(task, max_lenght=9)


SOURCES = {
    "a text": "a good film",
    "an array": np.array(["a good film"]),
    "a tensor": tf.constant(["a good film"]),
    "a tuple": ("a good film",),
}


@pytest.mark.parametrize("source", SOURCES)
def test_predict_takes(source, tiny_classifier):
    expected = tiny_classifier.predict(["a good film"])
    assert tiny_classifier.predict(SOURCES[source]) == expected


def test_predict_takes_a_generator_and_a_series(tiny_classifier):
    pandas = pytest.importorskip("pandas")
    texts = ["a good film", "the bad film"]
    expected = tiny_classifier.predict(texts)
    assert tiny_classifier.predict(text for text in texts) == expected
    assert tiny_classifier.predict(pandas.Series(texts)) == expected


def test_a_task_says_what_it_is(tiny_checkpoint, tiny_classifier, capsys):
    task = TextClassifier.from_handle(tiny_checkpoint)
    assert repr(task).startswith("TextClassifier(not trained; max_length 14; ")
    assert "BertEncoder(1 blocks" in repr(task)
    shown = repr(tiny_classifier)
    assert "TextClassifier(trained; 2 labels: neg, pos; " in shown
    tiny_classifier.summary()
    assert "bert (BertEncoder)" in capsys.readouterr().out


class Gate(keras.layers.Layer):
    """A head of one's own: one weight for each label, of the first token."""

    pooled_only = True

    def __init__(self, outputs: int):
        super().__init__(name="head")
        self.dense = keras.layers.Dense(outputs, use_bias=False, name="dense")
        self.build()

    def build(self, input_shape=None):
        self.dense.build((None, 20))
        self.built = True

    def call(self, encoded, inputs, training=None):
        return self.dense(encoded["pooled_output"])


def test_a_head_of_ones_own(tiny_checkpoint):
    problem_class = TextClassifier.problem_class

    class Gated(problem_class):
        def head(self, encoder, *, seed):
            return Gate(len(self.labels))

    class GatedClassifier(TextClassifier):
        problem_class = Gated

    task = GatedClassifier.from_handle(tiny_checkpoint)
    history = task.fit(SINGLE, verbose=0, **LIVELY)
    assert history[-1]["loss"] < history[0]["loss"]
    assert isinstance(task.network.head, Gate)
    assert task.predict("a good film")[0]["label"] in ("neg", "pos")
