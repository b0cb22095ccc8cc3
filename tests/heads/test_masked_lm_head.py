import dataclasses

import keras
import numpy as np
import pytest

from bert_keras.config import BertConfig
from bert_keras.heads import MaskedLMHead

CONFIG = BertConfig(
    vocab_size=3,
    hidden_size=2,
    num_hidden_layers=1,
    num_attention_heads=1,
    intermediate_size=4,
    hidden_act="relu",
)
SEQUENCE = np.array(
    [[[1, 5], [8, 2], [7, 7]], [[0, 0], [-1, 6], [3, 1]]], "float32"
)
TABLE = np.array([[1, 0], [0, 1], [10, 1]], "float32")


def head_by_hand(**options):
    """A head whose dense layer is the identity; scores 0, 0 and 100 more."""
    head = MaskedLMHead(CONFIG, **options)
    head.dense.kernel.assign(np.eye(2))
    head.bias.assign([0, 0, 100])
    return head


# After relu, two numbers are normalized to 1 for the larger and -1 for the
# smaller; the tokens' vectors above then score (a, b), as 10 a + b + 100 the
# last.
LARGER_FIRST, LARGER_LAST = [1, -1, 109], [-1, 1, 91]


def test_answers_by_hand():
    positions = np.array([[0, 1], [2, 1]])
    logits = head_by_hand()(SEQUENCE, positions, table=TABLE)
    expected = [[LARGER_LAST, LARGER_FIRST], [LARGER_FIRST, LARGER_LAST]]
    np.testing.assert_allclose(logits, expected, rtol=1e-5)


def test_the_activation_comes_before_the_normalization():
    head = head_by_hand()
    negative = np.array([[[-4, -2]]], "float32")  # relu leaves equal numbers
    logits = head(negative, np.array([[0]]), table=TABLE)
    np.testing.assert_allclose(logits, [[[0, 0, 100]]], atol=1e-6)


def test_a_head_with_a_kernel_of_its_own():
    head = head_by_hand(tied=False)
    head.kernel.assign(TABLE.T)
    logits = head(SEQUENCE, np.array([[0], [2]]))
    np.testing.assert_allclose(logits, [[LARGER_LAST], [LARGER_FIRST]], 1e-5)


def test_the_table_is_not_the_heads():
    names = {
        "dense/kernel": (2, 2),
        "dense/bias": (2,),
        "norm/gamma": (2,),
        "norm/beta": (2,),
        "bias": (3,),
    }
    tied, own = MaskedLMHead(CONFIG), MaskedLMHead(CONFIG, tied=False)

    def shapes(head):
        return {k: tuple(v.shape) for k, v in head.named_variables.items()}

    assert shapes(tied) == names
    assert shapes(own) == names | {"kernel": (2, 3)}
    assert tied.count_params() == 4 + 2 + 2 + 2 + 3


def test_a_model_that_holds_it_has_the_names_of_checkpoints(tiny_encoder):
    class Holder(keras.Model):
        def __init__(self):
            super().__init__()
            self.head = MaskedLMHead(tiny_encoder.config)
            self.built = True

        def call(self, inputs):
            return inputs

    assert set(Holder().head.named_variables) == {
        "dense/kernel",
        "dense/bias",
        "norm/gamma",
        "norm/beta",
        "bias",
    }


def test_gradients_reach_the_encoders_table(build_encoder, tiny_config):
    tf = pytest.importorskip("tensorflow")
    encoder = build_encoder(tiny_config)
    head = MaskedLMHead(tiny_config)
    word = encoder.embeddings.word.embeddings
    inputs = {
        "input_word_ids": np.array([[3, 4, 5]]),
        "input_mask": np.ones([1, 3], "int32"),
        "input_type_ids": np.zeros([1, 3], "int32"),
    }

    with tf.GradientTape() as tape:
        sequence = encoder(inputs)["sequence_output"]
        logits = head(sequence, np.array([[1]]), table=word)
        loss = -tf.nn.log_softmax(logits)[0, 0, 7]
    gradient = tf.convert_to_tensor(tape.gradient(loss, word.value)).numpy()
    # Through the scores to every token, through the embedding to those read.
    assert (np.abs(gradient).max(axis=1) > 0).all()


def test_half_precision_answers_in_full():
    head = head_by_hand(dtype="mixed_bfloat16")
    logits = head(SEQUENCE, np.array([[0], [2]]), table=TABLE)
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"
    np.testing.assert_allclose(logits, [[LARGER_LAST], [LARGER_FIRST]], 1e-2)


@pytest.mark.parametrize("tied", [True, False])
def test_a_table_is_required_if_and_only_if_tied(tied):
    table = None if tied else TABLE
    with pytest.raises(ValueError, match=f"tied={tied}"):
        head_by_hand(tied=tied)(SEQUENCE, np.array([[0], [0]]), table=table)


def test_the_activation_is_the_encoders():
    gelu = dataclasses.replace(CONFIG, hidden_act="gelu")
    head = MaskedLMHead(gelu)
    head.dense.kernel.assign([[1, 0], [0, 0]])
    head.dense.bias.assign([0, 0.5])
    # gelu(1) = 0.841 and gelu(0.5) = 0.346, gelu(0) = 0: the first number is
    # the larger at 1, the smaller at 0.
    row = np.array([[[1, 9], [0, 9]]], "float32")
    logits = head(row, np.array([[0, 1]]), table=TABLE)
    expected = np.array([[LARGER_FIRST, LARGER_LAST]]) - [0, 0, 100]
    np.testing.assert_allclose(logits, expected, rtol=1e-4)
