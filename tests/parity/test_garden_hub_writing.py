"""What we write for the TF Hub text API, used by code that was written for it.

`tensorflow_hub` under tf_keras, and the Model Garden's tasks, which take
encoders and preprocessors by address. `make test-garden` runs this file.
"""

import numpy as np
import pytest

from bert_keras.config import BertConfig, TokenizerConfig
from bert_keras.export.writers.hub_encoder import write_hub_encoder
from bert_keras.export.writers.hub_preprocessor import write_hub_preprocessor
from bert_keras.heads import MaskedLMHead
from bert_keras.preprocessing import Preprocessor, Tokenizer, Vocabulary

pytestmark = [pytest.mark.garden, pytest.mark.filterwarnings("ignore")]

tf = pytest.importorskip("tensorflow")
PIECES = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] a good bad film play ##ing un ##able . ,"
).split()
CONFIG = BertConfig(
    vocab_size=len(PIECES),
    hidden_size=8,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=16,
    hidden_act="gelu_new",
    max_position_embeddings=32,
)
TEXTS = ["a good film", "unable, bad playing.", "", "good"]


@pytest.fixture(scope="module")
def hub():
    return pytest.importorskip("tensorflow_hub")


@pytest.fixture(scope="module")
def tf_keras():
    return pytest.importorskip("tf_keras")


@pytest.fixture(scope="module")
def ours(build_encoder):
    tokenizer = Tokenizer(Vocabulary(PIECES), TokenizerConfig())
    preprocessor = Preprocessor(tokenizer, max_length=16, padding="fixed")
    return build_encoder(CONFIG), MaskedLMHead(CONFIG), preprocessor


@pytest.fixture(scope="module")
def pair(ours, tmp_path_factory):
    encoder, head, preprocessor = ours
    folder = tmp_path_factory.mktemp("hub")
    write_hub_encoder(
        folder / "encoder",
        encoder,
        vocabulary=preprocessor.vocabulary,
        masked_lm=head,
    )
    write_hub_preprocessor(folder / "preprocessor", preprocessor)
    return str(folder / "encoder"), str(folder / "preprocessor")


def test_a_keras_model_of_strings_trains(pair, ours, hub, tf_keras):
    text = tf_keras.layers.Input(shape=(), dtype=tf.string)
    preprocess = hub.KerasLayer(pair[1])
    encode = hub.KerasLayer(pair[0], trainable=True)
    assert len(encode.trainable_weights) == len(ours[0].weights)
    outputs = encode(preprocess(text))
    np.testing.assert_allclose(
        tf_keras.Model(text, outputs["pooled_output"])(tf.constant(TEXTS)),
        ours[0](ours[2](TEXTS))["pooled_output"],
        atol=1e-5,
    )
    score = tf_keras.layers.Dense(1)(outputs["pooled_output"])
    model = tf_keras.Model(text, score)
    before = [weight.numpy() for weight in encode.trainable_weights]
    model.compile(optimizer="adam", loss="mse")
    labels = np.array([[1.0], [0.0], [0.5], [1.0]])
    model.fit(tf.constant(TEXTS), labels, epochs=1, verbose=0)
    changed = [
        np.abs(weight.numpy() - old).max() > 0
        for weight, old in zip(encode.trainable_weights, before, strict=True)
    ]
    assert all(changed)


def test_dropout_follows_the_layer(pair, hub):
    inputs = {
        name: tf.ones([1, 6], tf.int32)
        for name in ("input_word_ids", "input_mask", "input_type_ids")
    }
    spread = {}
    for trainable in (True, False):
        layer = hub.KerasLayer(pair[0], trainable=trainable)
        for training in (True, False):
            runs = [
                layer(inputs, training=training)["pooled_output"].numpy()
                for _ in range(5)
            ]
            spread[trainable, training] = np.std(runs, axis=0).mean()
    alive = {key for key, deviation in spread.items() if deviation > 1e-3}
    assert alive == {(True, True)}


@pytest.mark.parametrize("segments", [1, 2])
def test_the_steps_of_preprocessing_as_layers(
    segments, pair, ours, hub, tf_keras
):
    steps = hub.load(pair[1])
    texts = [
        tf_keras.layers.Input(shape=(), dtype=tf.string)
        for _ in range(segments)
    ]
    tokenize = hub.KerasLayer(steps.tokenize)
    pack = hub.KerasLayer(steps.bert_pack_inputs, arguments={"seq_length": 9})
    model = tf_keras.Model(texts, pack([tokenize(text) for text in texts]))
    given = [tf.constant(TEXTS), tf.constant(TEXTS[::-1])][:segments]
    expected = Preprocessor(ours[2].tokenizer, max_length=9, padding="fixed")
    for name, rows in expected(*given).items():
        np.testing.assert_array_equal(model(given)[name], rows)


def test_an_encoder_in_the_garden(pair, ours):
    utils = pytest.importorskip("official.nlp.tasks.utils")
    model = utils.get_encoder_from_hub(pair[0])
    inputs = ours[2](TEXTS)
    expected = ours[0](inputs)
    encoded = model(inputs)
    for name in ("sequence_output", "pooled_output"):
        np.testing.assert_allclose(encoded[name], expected[name], atol=1e-5)
    assert len(encoded["encoder_outputs"]) == 2


def test_tasks_of_the_garden_train_it(pair, ours):
    prediction = pytest.importorskip("official.nlp.tasks.sentence_prediction")
    import tf_keras

    task = prediction.SentencePredictionTask(
        prediction.SentencePredictionConfig(
            hub_module_url=pair[0],
            model=prediction.ModelConfig(
                num_classes=2, use_encoder_pooler=True
            ),
        )
    )
    model = task.build_model()
    before = [weight.numpy() for weight in model.trainable_weights]
    inputs = dict(ours[2](TEXTS)) | {"label_ids": tf.constant([1, 0, 0, 1])}
    logs = task.train_step(
        inputs,
        model,
        tf_keras.optimizers.legacy.Adam(0.01),
        metrics=task.build_metrics(),
    )
    assert np.isfinite(logs["loss"])
    assert len(before) > len(ours[0].weights)
    still = [
        weight.name
        for weight, old in zip(model.trainable_weights, before, strict=True)
        if (weight.numpy() == old).all()
    ]
    # Softmax does not see what all its inputs have in common.
    assert [n for n in still if not n.endswith("key/bias:0")] == []


def test_spans_in_the_garden(pair, ours):
    answering = pytest.importorskip("official.nlp.tasks.question_answering")
    task = answering.QuestionAnsweringTask(
        answering.QuestionAnsweringConfig(
            hub_module_url=pair[0],
            validation_data=None,
        )
    )
    outputs = task.build_model()(ours[2](TEXTS))
    assert [tuple(output.shape) for output in outputs] == [(4, 16)] * 2


def test_loaders_of_the_garden_prepare_text_with_it(pair, ours):
    loader = pytest.importorskip(
        "official.nlp.data.sentence_prediction_dataloader"
    )
    process = loader.TextProcessor(9, preprocessing_hub_module_url=pair[1])
    texts = tf.constant(TEXTS)
    rows = process([texts, texts[::-1]])
    expected = Preprocessor(ours[2].tokenizer, max_length=9, padding="fixed")
    for name, values in expected(texts, texts[::-1]).items():
        np.testing.assert_array_equal(rows[name], values)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """What the Garden's own exporter writes."""
    lib = pytest.importorskip("official.nlp.tools.export_tfhub_lib")
    from official.legacy.bert import configs

    folder = tmp_path_factory.mktemp("garden")
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(PIECES) + "\n")
    config = configs.BertConfig(
        vocab_size=len(PIECES),
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
    )
    _, network = lib._create_model(bert_config=config, with_mlm=True)
    checkpoint = tf.train.Checkpoint(**network.checkpoint_items)
    lib.export_model(
        str(folder / "encoder"),
        bert_config=config,
        model_checkpoint_path=checkpoint.save(str(folder / "checkpoint")),
        with_mlm=True,
        vocab_file=str(vocabulary),
        do_lower_case=True,
    )
    lib.export_preprocessing(
        str(folder / "preprocessor"),
        vocab_file=str(vocabulary),
        do_lower_case=True,
        tokenize_with_offsets=True,
        default_seq_length=16,
    )
    return str(folder / "encoder"), str(folder / "preprocessor")


def test_both_have_one_interface(pair, theirs, hub):
    ours, garden = hub.load(pair[0]), hub.load(theirs[0])
    inputs = {
        name: tf.ones([2, 5], tf.int32)
        for name in ("input_word_ids", "input_mask", "input_type_ids")
    }
    positions = {"masked_lm_positions": tf.ones([2, 3], tf.int32)}

    def shapes(outputs):
        return tf.nest.map_structure(
            lambda tensor: (tensor.dtype.name, tuple(tensor.shape)),
            dict(outputs),
        )

    for training in (False, True):
        assert shapes(ours(inputs, training=training)) == shapes(
            garden(inputs, training=training)
        )
        guessed = shapes(garden.mlm(inputs | positions, training=training))
        guessed.pop("default", None)
        assert guessed == shapes(
            ours.mlm(inputs | positions, training=training)
        )
    count = len(ours.trainable_variables)
    assert count == len(garden.trainable_variables)
    assert len(ours.mlm.trainable_variables) == count + 5


def test_both_prepare_text_alike(pair, theirs, hub):
    ours, garden = hub.load(pair[1]), hub.load(theirs[1])
    texts = tf.constant(TEXTS)
    ids = ours.tokenize(texts)
    assert ids.to_list() == garden.tokenize(texts).to_list()
    assert ids.dtype == garden.tokenize(texts).dtype

    def same(first, second):
        assert set(first) == set(second)
        for name, rows in first.items():
            assert rows.dtype == second[name].dtype
            np.testing.assert_array_equal(rows, second[name])

    for mine, their in zip(
        ours.tokenize_with_offsets(texts),
        garden.tokenize_with_offsets(texts),
        strict=True,
    ):
        assert mine.to_list() == their.to_list()
        assert mine.dtype == their.dtype
    same(ours(texts), garden(texts))
    for length in (5, 8, 16):
        same(
            ours.bert_pack_inputs([ids, ids[::-1]], seq_length=length),
            garden.bert_pack_inputs([ids, ids[::-1]], seq_length=length),
        )
    same(
        ours.tokenize.get_special_tokens_dict(),
        garden.tokenize.get_special_tokens_dict(),
    )
