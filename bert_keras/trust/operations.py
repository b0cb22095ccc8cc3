"""Operations: which ones only compute."""

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

# Operations that keep state between calls, all within TensorFlow.
STATE = frozenset(
    """
    AnonymousHashTable AnonymousMutableHashTable Assert AssignAddVariableOp
    AssignSubVariableOp AssignVariableOp Case CheckNumerics CheckNumericsV2
    DestroyResourceOp DisableCopyOnRead Empty GuaranteeConst HashTableV2 If
    InitializeTableV2 LookupTableExportV2 LookupTableFindV2 LookupTableImportV2
    LookupTableInsertV2 LookupTableRemoveV2 LookupTableSizeV2 Multinomial
    MutableHashTableV2 ParameterizedTruncatedNormal RandomGamma RandomShuffle
    RandomStandardNormal RandomUniform RandomUniformInt ReadVariableOp
    ResourceGather ResourceGatherNd ResourceScatterAdd ResourceScatterNdAdd
    ResourceScatterNdUpdate ResourceScatterUpdate ResourceStridedSliceAssign
    RngReadAndSkip RngSkip SentencepieceDetokenizeOp SentencepieceIdToStringOp
    SentencepieceOp SentencepieceStringToIdOp SentencepieceTokenizeOp
    SentencepieceTokenizeWithOffsetsOp SentencepieceVocabSizeOp StackCloseV2
    StackPopV2 StackPushV2 StackV2 StatefulPartitionedCall
    StatefulStandardNormalV2 StatefulTruncatedNormal StatefulUniform
    StatefulUniformFullInt StatefulUniformInt StatelessRandomGetAlg
    TensorArrayCloseV3 TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayGradV3
    TensorArrayReadV3 TensorArrayScatterV3 TensorArraySizeV3 TensorArraySplitV3
    TensorArrayV3 TensorArrayWriteV3 TruncatedNormal VarHandleOp
    VarIsInitializedOp VariableShape While WordpieceTokenizeWithOffsets
    """.split()
)

# Operations on files that every SavedModel contains: to save it again, to
# restore its weights, and to read a vocabulary. Each is allowed only where
# `excused.py` finds it in its place.
SAVER = frozenset(["MergeV2Checkpoints", "SaveV2"])
RESTORER = frozenset(["RestoreV2"])
TABLE = frozenset(["InitializeTableFromTextFileV2"])


def only_computes(name: str) -> bool:
    """Whether an operation touches nothing outside of TensorFlow.

    Args:
        name: The operation's name, such as `MatMul`.

    Example:
        >>> only_computes("MatMul"), only_computes("WriteFile")
        (True, False)
    """
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
