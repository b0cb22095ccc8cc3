import numpy as np
import pytest
import tensorflow as tf

from bert_keras.postprocessing import LabelDecoder, ScoreDecoder


def decoded(decoder, logits):
    answers = decoder(tf.constant(logits, tf.float32))
    return {name: values.numpy() for name, values in answers.items()}


def test_the_most_likely_label_and_its_probability():
    # softmax of (0, ln 3) is (1/4, 3/4)
    ln3 = np.log(3.0)
    answer = decoded(LabelDecoder(["no", "yes"]), [[0.0, ln3], [ln3, 0.0]])
    assert answer["label"].tolist() == [b"yes", b"no"]
    np.testing.assert_allclose(answer["score"], [0.75, 0.75], rtol=1e-6)
    assert answer["classes"].tolist() == [[b"no", b"yes"]] * 2
    np.testing.assert_allclose(
        answer["scores"], [[0.25, 0.75], [0.75, 0.25]], rtol=1e-6
    )


def test_labels_may_be_any_text():
    answer = decoded(LabelDecoder(["naïve", "東京", ""]), [[0.0, 9.0, 0.0]])
    assert answer["label"][0].decode() == "東京"


@pytest.mark.parametrize(
    ("threshold", "labels"),
    [(0.5, [b"a|c", b""]), (0.8, [b"c", b""]), (0.1, [b"a|b|c", b"c"])],
)
def test_several_labels_are_those_above_the_threshold(threshold, labels):
    decoder = LabelDecoder(
        ["a", "b", "c"], multi_label=True, threshold=threshold
    )
    answer = decoded(decoder, [[1.0, -1.0, 2.0], [-3.0, -3.0, -2.0]])
    assert answer["label"].tolist() == labels
    np.testing.assert_allclose(
        answer["scores"][0], 1 / (1 + np.exp([-1.0, 1.0, -2.0])), rtol=1e-6
    )
    np.testing.assert_allclose(
        answer["score"], answer["scores"].max(axis=1), rtol=0
    )


def test_half_precision_logits_are_decoded_in_float32():
    logits = tf.constant([[0.0, 1.0]], tf.bfloat16)
    answer = LabelDecoder(["no", "yes"])(logits)
    assert answer["scores"].dtype == tf.float32


def test_an_empty_batch_has_no_answers():
    for decoder in (
        LabelDecoder(["a", "b"]),
        LabelDecoder(["a", "b"], multi_label=True),
    ):
        answer = decoded(decoder, np.zeros([0, 2]))
        assert answer["label"].shape == (0,)
        assert answer["scores"].shape == (0, 2)


def test_a_score_is_in_deviations_from_the_mean():
    decoder = ScoreDecoder(mean=2.5, scale=1.5)
    answer = decoded(decoder, [[1.0], [0.0], [-2.0]])
    assert answer["score"].tolist() == [4.0, 2.5, -0.5]
    assert answer["score"].dtype == np.float32
