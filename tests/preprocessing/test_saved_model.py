"""The tokenizer in a SavedModel: same results, only ops that servers have."""

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from bert_keras.preprocessing import Preprocessor

TEXTS = [
    "the Café, naïve!",
    "",
    " \t",
    "ΣΣ [MASK] 東京 한 e\u0301x",
    "x" * 300 + " the " + "é" * 201,
    "pl\0ay\u200bing 😀",
]
BYTES = [*(text.encode() for text in TEXTS), b"pl\xff\xe2\x82ay"]

# tf.text operations in TF Serving 2.12 and later. Missing before 2.20 are
# TFText>RoundRobinTrim, TFText>RoundRobinGenerateMasks and Utf8Binarize.
SERVED_TEXT_OPS = {
    "FastBertNormalize",
    "FastWordpieceTokenizeWithOffsets",
    "RegexSplitWithOffsets",
}
CORE_OPS = set(
    """
    AddV2 All Any Assert Bitcast BitwiseAnd BroadcastTo Cast ConcatV2 Const
    Cumsum DecodeRaw Equal ExpandDims Fill FloorDiv Gather GatherV2 Greater
    GreaterEqual Identity If Less LogicalNot LogicalOr Max Maximum Min
    Minimum Mul NoOp NotEqual OnesLike Pack PartitionedCall Placeholder Prod
    RaggedGather RaggedRange RaggedTensorToTensor Range ReduceJoin Reshape
    Select SelectV2 Shape Squeeze StatefulPartitionedCall StatelessIf
    StatelessWhile StaticRegexFullMatch StaticRegexReplace StridedSlice
    StringLength Sub Sum Tile Transpose Where While ZerosLike
    """.split()
)


@pytest.fixture(scope="module", params=["tokenizer", "marking_tokenizer"])
def exported(request, tmp_path_factory):
    """A preprocessor, and two SavedModels of it."""
    tokenizer = request.getfixturevalue(request.param)
    preprocessor = Preprocessor(tokenizer, max_length=16)
    folders = []
    for number in range(2):
        folder = tmp_path_factory.mktemp("export") / str(number)
        module = tf.Module()
        module.preprocessor = preprocessor
        module.serve = tf.function(
            preprocessor,
            input_signature=[
                tf.TensorSpec([None], tf.string, name="text_a"),
                tf.TensorSpec([None], tf.string, name="text_b"),
            ],
        )
        tf.saved_model.save(module, str(folder))
        folders.append(folder)
    return preprocessor, folders


def test_same_after_reload(exported):
    preprocessor, folders = exported
    for folder in folders:
        loaded = tf.saved_model.load(str(folder))
        texts = tf.constant(BYTES)
        expected = preprocessor(texts, texts[::-1])
        for name, value in loaded.serve(texts, texts[::-1]).items():
            assert value.numpy().tolist() == expected[name].numpy().tolist()


def test_methods_are_saved(exported):
    preprocessor, (folder, _) = exported
    loaded = tf.saved_model.load(str(folder)).preprocessor._tokenizer
    texts = tf.constant(BYTES)
    expected = preprocessor.tokenize_with_offsets(texts)
    for ours, theirs in zip(
        loaded.tokenize_with_offsets(texts), expected, strict=True
    ):
        assert ours.to_list() == theirs.to_list()
    assert loaded.tokenize(texts).to_list() == expected[0].to_list()


def test_large_batches_give_the_same_results(exported):
    preprocessor, (folder, _) = exported
    loaded = tf.saved_model.load(str(folder)).preprocessor._tokenizer
    texts = BYTES * 200
    expected = preprocessor.tokenize(BYTES).to_list() * 200
    assert preprocessor.tokenize(texts).to_list() == expected
    assert loaded.tokenize(tf.constant(texts)).to_list() == expected


def test_servers_have_every_operation(exported):
    _, (folder, _) = exported
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((folder / "saved_model.pb").read_bytes())
    (graph,) = model.meta_graphs
    used = {node.op for node in graph.graph_def.node}
    for function in graph.graph_def.library.function:
        used |= {node.op for node in function.node_def}
    bookkeeping = {op for op in used if op.endswith("V2") and "Save" in op}
    bookkeeping |= {"MergeV2Checkpoints", "RestoreV2", "ShardedFilename"}
    bookkeeping |= {"StringJoin", "Select", "AssignVariableOp"}
    assert used - SERVED_TEXT_OPS - CORE_OPS - bookkeeping == set()


def test_models_are_stored_once(exported):
    _, (folder, _) = exported
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((folder / "saved_model.pb").read_bytes())
    (graph,) = model.meta_graphs
    nodes = [*graph.graph_def.node]
    for function in graph.graph_def.library.function:
        nodes.extend(function.node_def)
    large = [node for node in nodes if node.ByteSize() > 2_000]
    large = [node for node in large if node.op == "Const"]
    contents = [node.attr["value"].SerializeToString() for node in large]
    assert len(contents) == len(set(contents))
