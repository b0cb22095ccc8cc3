"""Trust: which SavedModels may be run without the user's consent.

A SavedModel is a program, and parts of it run as soon as it is loaded. Before
that, its file is parsed as data, and every operation in its graph and its
functions is looked up here. Operations that only compute are allowed, and so
are variables, tables and restoring a checkpoint. Everything else is refused
unless the user trusts the model.

This is not a sandbox: it does not make a malicious file safe to run. It stops
programs that write, send or call what an encoder does not need.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

SAVED_MODEL = "saved_model.pb"

# Operations with arbitrary text in their arguments could receive the name of
# a file or a host. These only transform text, or read an equation or a layout.
TEXT = frozenset(
    """
    AsString CaseFoldUTF8 DataFormatDimMap DataFormatVecPermute DecodeBase64
    DecodePaddedRaw DecodeRaw DenseToDenseSetOperation
    DenseToSparseSetOperation Einsum EncodeBase64 Enter FastBertNormalize
    FastWordpieceTokenizeWithOffsets Fingerprint GatherNd NormalizeUTF8
    NormalizeUTF8WithOffsetsMap PartitionedCall PreventGradient
    RaggedTensorToTensor ReduceJoin RegexFullMatch RegexReplace
    RegexSplitWithOffsets ScatterNd ShardedFilename SparseToSparseSetOperation
    SplitMergeTokenizeWithOffsets StaticRegexFullMatch StaticRegexReplace
    StringFormat StringJoin StringLength StringLower StringNGrams StringSplit
    StringSplitV2 StringStrip StringToHashBucket StringToHashBucketFast
    StringToHashBucketStrong StringToNumber StringUpper Substr
    TFText>BoiseTagsToOffsets TFText>ByteSplitByOffsets
    TFText>ByteSplitWithOffsets TFText>FastSentencepieceTokenize
    TFText>NgramsStringJoin TFText>OffsetsToBoiseTags TFText>Utf8Binarize
    TFText>WhitespaceTokenizeWithOffsetsV2 TensorScatterAdd TensorScatterMax
    TensorScatterMin TensorScatterSub TensorScatterUpdate TokenizerFromLogits
    UnicodeDecode UnicodeDecodeWithOffsets UnicodeTranscode UnsortedSegmentJoin
    """.split()
)

# Operations that keep state between calls, all within TensorFlow. The two that
# open a file only read it: a vocabulary and a checkpoint.
STATE = frozenset(
    """
    AnonymousHashTable AnonymousMutableHashTable Assert AssignAddVariableOp
    AssignSubVariableOp AssignVariableOp Case CheckNumerics CheckNumericsV2
    DestroyResourceOp DisableCopyOnRead Empty GuaranteeConst HashTableV2 If
    InitializeTableFromTextFileV2 InitializeTableV2 LookupTableExportV2
    LookupTableFindV2 LookupTableImportV2 LookupTableInsertV2
    LookupTableRemoveV2 LookupTableSizeV2 Multinomial MutableHashTableV2
    ParameterizedTruncatedNormal RandomGamma RandomShuffle
    RandomStandardNormal RandomUniform RandomUniformInt ReadVariableOp
    ResourceGather ResourceGatherNd ResourceScatterAdd ResourceScatterNdAdd
    ResourceScatterNdUpdate ResourceScatterUpdate ResourceStridedSliceAssign
    RestoreV2 RngReadAndSkip RngSkip SentencepieceDetokenizeOp
    SentencepieceIdToStringOp SentencepieceOp SentencepieceStringToIdOp
    SentencepieceTokenizeOp SentencepieceTokenizeWithOffsetsOp
    SentencepieceVocabSizeOp StackCloseV2 StackPopV2 StackPushV2 StackV2
    StatefulPartitionedCall StatefulStandardNormalV2 StatefulTruncatedNormal
    StatefulUniform StatefulUniformFullInt StatefulUniformInt
    StatelessRandomGetAlg TensorArrayCloseV3 TensorArrayConcatV3
    TensorArrayGatherV3 TensorArrayGradV3 TensorArrayReadV3
    TensorArrayScatterV3 TensorArraySizeV3 TensorArraySplitV3 TensorArrayV3
    TensorArrayWriteV3 TruncatedNormal VarHandleOp VarIsInitializedOp
    VariableShape While WordpieceTokenizeWithOffsets
    """.split()
)

# Every SavedModel contains a function to save it again. It writes, so these
# operations are allowed in that function only, which neither loading nor
# calling the model reaches.
SAVER = frozenset(["MergeV2Checkpoints", "SaveV2"])

_LISTED = 12


class UntrustedModel(ValueError):
    """A SavedModel that does more than compute."""


def require_trust(folder: str | Path, *, trust: bool = False) -> None:
    """Raises if a SavedModel does more than compute.

    Args:
        folder: Folder of `saved_model.pb`. None of it is run.
        trust: Whether the user trusts the model: then nothing is checked.

    Raises:
        UntrustedModel: If it does; the message lists the operations.
        ValueError: If there is no SavedModel, or it is damaged.
    """
    if trust:
        return
    folder = Path(folder)
    found = suspicious(parse_saved_model(folder / SAVED_MODEL))
    if found:
        names = ", ".join(found[:_LISTED])
        if len(found) > _LISTED:
            names += f" and {len(found) - _LISTED} more"
        raise UntrustedModel(
            f"{folder}: Expected a SavedModel that only computes. Received "
            f"one with: {names}. It was not loaded. These can read, write or "
            "send your data. If you know where the model comes from and trust "
            "it, use --trust (in Python: trust=True)."
        )


def parse_saved_model(path: Path):
    """Returns the `SavedModel` message of a file, read as data.

    Args:
        path: Path of `saved_model.pb`.

    Raises:
        ValueError: If there is no such file, or it is damaged.
    """
    if not path.is_file():
        raise ValueError(
            f"Expected the folder of a SavedModel, which contains "
            f"{SAVED_MODEL}. Received: {path.parent}"
        )
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    try:
        return SavedModel.FromString(path.read_bytes())
    except DecodeError as error:
        raise ValueError(
            f"{path}: Expected a SavedModel. Received a damaged file: {error}"
        ) from error


def suspicious(saved_model) -> list[str]:
    """Returns the operations and assets that do more than compute, sorted.

    Args:
        saved_model: The parsed `SavedModel` message.
    """
    found = set()
    for graph in saved_model.meta_graphs:
        saver = _saver_functions(graph)
        found.update(_refused(graph.graph_def.node, ()))
        for function in graph.graph_def.library.function:
            excused = SAVER if function.signature.name in saver else ()
            found.update(_refused(function.node_def, excused))
        found.update(_strange_assets(graph))
    return sorted(found)


def _refused(nodes: Iterable, excused: Iterable[str]) -> Iterator[str]:
    for name in {node.op for node in nodes} - set(excused):
        if not _only_computes(name):
            yield name


def _only_computes(name: str) -> bool:
    if name in TEXT or name in STATE:
        return True
    # Registers the operations of tokenizers.
    import tensorflow_text  # noqa: F401
    from tensorflow.python.framework import op_def_registry

    operation = op_def_registry.get(name)
    return (
        operation is not None
        and not name.startswith("_")
        and not operation.is_stateful
        and not takes_text(operation)
    )


def takes_text(operation) -> bool:
    """Whether an operation's arguments could name a file or a host.

    Args:
        operation: The operation's `OpDef`.
    """
    from tensorflow.core.framework.types_pb2 import DT_STRING

    return any(
        attribute.type in ("string", "list(string)")
        and not attribute.HasField("allowed_values")
        for attribute in operation.attr
    ) or any(argument.type == DT_STRING for argument in operation.input_arg)


def _saver_functions(graph) -> set[str]:
    """Returns the functions that are called by the saver only."""
    library = graph.graph_def.library
    calls = {
        function.signature.name: set(_called(function.node_def))
        for function in library.function
    }
    saver = graph.saver_def.save_tensor_name.split(":")[0]
    nodes = graph.graph_def.node
    others = set(_called(node for node in nodes if node.name != saver))
    others.update(graph.object_graph_def.concrete_functions)
    others.update(gradient.gradient_func for gradient in library.gradient)
    mine = _called(node for node in nodes if node.name == saver)
    return _reachable(mine, calls) - _reachable(others, calls)


def _called(nodes: Iterable) -> Iterator[str]:
    for node in nodes:
        yield node.op  # an operation may have the name of a function
        for value in node.attr.values():
            yield value.func.name
            yield from (function.name for function in value.list.func)


def _reachable(names: Iterable[str], calls: dict) -> set[str]:
    reached, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in calls and name not in reached:
            reached.add(name)
            waiting.extend(calls[name])
    return reached


def _strange_assets(graph) -> Iterator[str]:
    """Yields assets that are not files in the model's own folder."""
    for asset in graph.asset_file_def:
        path = Path(asset.filename)
        if path.is_absolute() or ".." in path.parts:
            yield f"the asset {asset.filename!r}"
