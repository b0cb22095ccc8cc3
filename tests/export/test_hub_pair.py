"""An encoder and its preprocessor as SavedModels of the TF Hub text API."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tiny_task import PIECES

from bert_keras.config import BertConfig, TokenizerConfig
from bert_keras.export import edge_case_texts
from bert_keras.export.writers.hub_encoder import write_hub_encoder
from bert_keras.export.writers.hub_preprocessor import write_hub_preprocessor
from bert_keras.heads import MaskedLMHead
from bert_keras.preprocessing import Preprocessor, Tokenizer, Vocabulary
from bert_keras.trust import require_trust

SCRIPT = Path(__file__).with_name("call_hub_pair.py")
CONFIG = BertConfig(
    vocab_size=33,
    hidden_size=8,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=16,
    max_position_embeddings=16,
)
POSITIONS = np.array([[1, 15]], np.int32)
# Operations that TF Serving 2.12 has, of those which networks and tokenizers
# are made of; and those with which every SavedModel restores itself.
CORE_OPS = set(
    """
    AddV2 All Any Assert BatchMatMulV2 BiasAdd BitwiseAnd BroadcastTo Cast
    ConcatV2 Const Cumsum DecodeRaw Equal Erf ExpandDims Fill FloorDiv
    FloorMod GatherV2 Greater GreaterEqual Identity If Less LessEqual
    LogicalNot LogicalOr MatMul Max Maximum Mean Minimum Mul Neg NoOp NotEqual
    OnesLike Pack PartitionedCall Placeholder Prod RaggedGather RaggedRange
    RaggedTensorToTensor RandomUniformInt Range ReadVariableOp ReduceJoin
    Reshape Rsqrt Select SelectV2 Shape Softmax SquaredDifference Squeeze
    StatefulPartitionedCall StatelessIf StatelessRandomGetKeyCounter
    StatelessRandomUniformV2 StatelessWhile StaticRegexFullMatch
    StaticRegexReplace StopGradient StridedSlice StringLength Sub Sum Tanh
    Tile Transpose UnicodeDecodeWithOffsets Unpack Where ZerosLike
    """.split()
)
TEXT_OPS = {"FastBertNormalize", "FastWordpieceTokenizeWithOffsets"}
RESTORING = set(
    """
    AssignVariableOp DisableCopyOnRead MergeV2Checkpoints RestoreV2 SaveV2
    ShardedFilename StringJoin VarHandleOp VarIsInitializedOp
    """.split()
)


@pytest.fixture(scope="module")
def encoder(build_encoder):
    return build_encoder(CONFIG)


@pytest.fixture(scope="module")
def head():
    head = MaskedLMHead(CONFIG)
    head.bias.assign(np.arange(33))
    return head


@pytest.fixture(scope="module")
def preprocessor():
    config = TokenizerConfig(do_lower_case=False)
    vocabulary = Vocabulary(PIECES.split(), config)
    tokenizer = Tokenizer(vocabulary, config)
    return Preprocessor(tokenizer, max_length=16, padding="fixed")


@pytest.fixture(scope="module")
def pair(encoder, head, preprocessor, tmp_path_factory):
    """Folders of the two SavedModels."""
    folder = tmp_path_factory.mktemp("private_name")
    vocabulary = preprocessor.vocabulary
    write_hub_encoder(
        folder / "encoder", encoder, vocabulary=vocabulary, masked_lm=head
    )
    write_hub_preprocessor(folder / "preprocessor", preprocessor)
    return folder / "encoder", folder / "preprocessor"


@pytest.fixture(scope="module")
def texts():
    return [
        text.encode() if isinstance(text, str) else text
        for text in [
            "a very good film.",
            "unable na\u00efve",
            *edge_case_texts(),
        ]
    ]


@pytest.fixture(scope="module")
def answers(pair, texts, tmp_path_factory):
    """What the pair answers elsewhere, in a process without the project."""
    folder = tmp_path_factory.mktemp("elsewhere")
    moved = [shutil.copytree(each, folder / each.name) for each in pair]
    np.savez(
        folder / "questions.npz",
        texts=texts,
        texts_b=texts[::-1],
        masked_lm_positions=np.repeat(POSITIONS, len(texts), axis=0),
    )
    files = [folder / "questions.npz", folder / "answers.npz"]
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, *moved, *files],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return np.load(folder / "answers.npz")


def test_ids_are_those_of_the_preprocessor(answers, preprocessor, texts):
    ids = preprocessor.tokenize(texts)
    np.testing.assert_array_equal(answers["pieces"], ids.flat_values)
    words, of_text = answers["pieces_of_word"], answers["words_of_text"]
    ends = np.cumsum(of_text)
    sizes = [
        words[end - n : end].sum() for n, end in zip(of_text, ends, strict=True)
    ]
    assert sizes == ids.row_lengths().numpy().tolist()
    # "a very good film .", "un ##able na ##ive": the accent is unknown here.
    assert of_text[:2].tolist() == [5, 2]
    assert words[:7].tolist() == [1, 1, 1, 1, 1, 2, 1]


def test_offsets_are_bytes_of_the_text(answers, preprocessor, texts):
    ids, starts, ends = answers["offsets"]
    np.testing.assert_array_equal(ids, answers["pieces"])
    _, *expected = preprocessor.tokenize_with_offsets(texts)
    sizes = expected[0].row_lengths().numpy()
    np.testing.assert_array_equal(answers["offsets_per_text"], sizes)
    first, after = (each.flat_values.numpy() for each in expected)
    piece = 0
    for text, size in zip(texts, sizes, strict=True):
        characters = text.decode(errors="ignore")
        for i in range(piece, piece + min(size, 200)):
            span = text[starts[i] : ends[i]].decode(errors="ignore")
            assert span == characters[first[i] : after[i]]
        piece += size


def test_rows_are_those_of_the_preprocessor(answers, preprocessor, texts):
    for name, rows in preprocessor(texts).items():
        np.testing.assert_array_equal(answers[f"row_{name}"], rows)
    short = Preprocessor(preprocessor.tokenizer, max_length=9, padding="fixed")
    for name, rows in short(texts, texts[::-1]).items():
        np.testing.assert_array_equal(answers[f"pair_{name}"], rows)


def test_vectors_are_those_of_the_encoder(
    answers, encoder, head, preprocessor, texts
):
    encoded = encoder(preprocessor(texts))
    encoded["encoder_outputs"] = np.stack(encoded["encoder_outputs"])
    for name, expected in encoded.items():
        np.testing.assert_allclose(answers[name], expected, atol=1e-5)
    np.testing.assert_array_equal(answers["default"], answers["pooled_output"])
    logits = head(
        encoded["sequence_output"],
        np.repeat(POSITIONS, len(texts), axis=0),
        table=encoder.embeddings.word.embeddings,
    )
    np.testing.assert_allclose(answers["mlm_logits"], logits, atol=1e-4)
    assert answers["mlm_names"].tolist() == [
        "encoder_outputs",
        "mlm_logits",
        "pooled_output",
        "sequence_output",
    ]


def test_dropout_is_alive_in_training_alone(answers):
    calm, (first, second) = answers["pooled_output"], answers["lively"]
    assert np.abs(first - second).max() > 0.01
    assert np.abs(first - calm).max() > 0.01


def test_what_users_of_the_api_look_up(answers, preprocessor):
    assert answers["special"].tolist() == [
        "end_of_segment_id=3",
        "mask_id=4",
        "padding_id=0",
        "start_of_sequence_id=2",
        "vocab_size=33",
    ]
    assert not answers["do_lower_case"]
    for content in answers["vocabulary"]:
        assert content.decode().split() == list(preprocessor.vocabulary.tokens)


@pytest.fixture(scope="module")
def loaded(pair):
    return tuple(tf.saved_model.load(str(folder)) for folder in pair)


def test_all_weights_train(loaded, encoder, head):
    model, _ = loaded
    names = {f"bert/{name}:0" for name in encoder.named_variables}
    assert {v.name for v in model.variables} == names
    names |= {f"masked_lm/{name}:0" for name in head.named_variables}
    assert {v.name for v in model.mlm.trainable_variables} == names
    assert list(model.regularization_losses) == []
    inputs = {
        name: tf.ones([2, 5], tf.int32)
        for name in ("input_word_ids", "input_mask", "input_type_ids")
    }
    positions = {"masked_lm_positions": tf.zeros([2, 1], tf.int32)}
    with tf.GradientTape() as tape:
        outputs = model.mlm(inputs | positions, training=True)
        loss = tf.reduce_sum(outputs["mlm_logits"] ** 2)
        loss += tf.reduce_sum(outputs["pooled_output"])
    variables = model.mlm.trainable_variables
    gradients = tape.gradient(loss, list(variables))
    assert None not in gradients


def test_a_compiler_and_shapes_are_served(loaded, encoder):
    model, preprocessor = loaded
    inputs = {
        name: tf.ones([2, 5], tf.int32)
        for name in ("input_word_ids", "input_mask", "input_type_ids")
    }
    compiled = tf.function(model, jit_compile=True)
    np.testing.assert_allclose(
        compiled(inputs)["pooled_output"],
        encoder(inputs)["pooled_output"],
        atol=1e-5,
    )
    assert compiled(inputs, training=True)["pooled_output"].shape == (2, 8)

    @tf.function(input_signature=[tf.TensorSpec([7], tf.string)])
    def shapes(texts):
        ids = preprocessor.tokenize(texts)
        assert ids.shape.as_list() == [7, None, None]
        rows = preprocessor.bert_pack_inputs([ids], seq_length=12)
        assert {tuple(t.shape) for t in rows.values()} == {(7, 12)}
        assert model(rows)["sequence_output"].shape == (7, 12, 8)
        assert preprocessor(texts)["input_mask"].shape == (7, 16)
        return rows

    shapes.get_concrete_function()


def test_packing_takes_what_code_hands_over(loaded):
    _, preprocessor = loaded
    words = preprocessor.tokenize(tf.constant(["playing film", "!"]))
    pieces = words.merge_dims(-2, -1)
    expected = [[2, 11, 12, 7, 3, 0], [2, 18, 3, 0, 0, 0]]
    for ids in ([words], [pieces], words, pieces):
        rows = preprocessor.bert_pack_inputs(ids, seq_length=6)
        assert rows["input_word_ids"].numpy().tolist() == expected
    assert preprocessor.bert_pack_inputs([words])["input_mask"].shape == (2, 16)


def test_a_preprocessor_that_was_loaded_can_be_saved_again(loaded, tmp_path):
    _, preprocessor = loaded
    tf.saved_model.save(preprocessor, str(tmp_path))
    again = tf.saved_model.load(str(tmp_path))
    texts = tf.constant(["a playing film"])
    assert again.tokenize(texts).to_list() == [[[6], [11, 12], [7]]]


def test_servers_have_every_operation(pair):
    for folder, expected in zip(
        pair, (CORE_OPS, CORE_OPS | TEXT_OPS), strict=True
    ):
        model = saved_model_pb2.SavedModel()
        model.ParseFromString((folder / "saved_model.pb").read_bytes())
        (graph,) = model.meta_graphs
        functions = graph.graph_def.library.function
        used = {node.op for node in graph.graph_def.node}
        used |= {node.op for f in functions for node in f.node_def}
        assert used - expected - RESTORING == set()
        assert not any("_XlaMustCompile" in f.attr for f in functions)
        require_trust(folder)


def test_files(pair):
    for folder in pair:
        graph = (folder / "saved_model.pb").read_bytes()
        assert b"private_name" not in graph
        assert str(Path(__file__).parents[2]).encode() not in graph
        assert [p.name for p in (folder / "assets").iterdir()] == ["vocab.txt"]
        extra = folder / "assets.extra" / "tokenizer_config.json"
        assert json.loads(extra.read_text())["do_lower_case"] is False
    extra = pair[0] / "assets.extra" / "bert_config.json"
    assert BertConfig.from_file(extra) == CONFIG


def test_half_precision_is_refused(build_encoder, tmp_path):
    encoder = build_encoder(CONFIG, dtype="mixed_bfloat16")
    with pytest.raises(ValueError, match="dtype='float32'"):
        write_hub_encoder(tmp_path / "encoder", encoder)
    assert not (tmp_path / "encoder").exists()
