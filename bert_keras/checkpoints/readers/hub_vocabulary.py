"""Vocabulary, casing and special tokens of a TF Hub SavedModel.

An encoder has the asset `vocab_file` and the variable `do_lower_case`. A
preprocessor's vocabulary is an asset of its tokenizer, and the operations of
its graph show whether text is lowercased.
"""

from pathlib import Path

from bert_keras.checkpoints.errors import WeightsError
from bert_keras.checkpoints.readers.casing import read_casing
from bert_keras.checkpoints.readers.tensorflow_checkpoint import (
    list_checkpoint,
)
from bert_keras.checkpoints.vocabulary_files import read_tokens
from bert_keras.config import TokenizerConfig

_LOWER = "do_lower_case/.ATTRIBUTES/VARIABLE_VALUE"
_WORDPIECE = "WordpieceTokenizeWithOffsets"
_LOWERS = ("CaseFoldUTF8", "StringLower")


def read_hub_vocabulary(saved_model, folder: Path, prefix: Path) -> dict:
    """Returns what `Contents` says about vocabulary and casing.

    Args:
        saved_model: The parsed `SavedModel` message.
        folder: The folder that has it, with `assets/`.
        prefix: Prefix of the checkpoint inside.

    Returns:
        Arguments of `Contents`; empty if there is no vocabulary.

    Raises:
        WeightsError: If the vocabulary that the SavedModel names is missing.
    """
    names = [
        Path(asset.filename).name
        for graph in saved_model.meta_graphs
        for asset in graph.asset_file_def
    ]
    texts = [name for name in names if name.endswith(".txt")]
    if not texts:
        return _without(names)
    path = folder / "assets" / texts[0]
    if not path.is_file():
        raise WeightsError(
            f"{folder}: Expected the file assets/{texts[0]}, which the "
            "SavedModel names. Copy the folder again, with its assets."
        )
    tokens = tuple(read_tokens(path))
    tokenizer, notes = _tokenizer(saved_model, folder, prefix, tokens)
    return {
        "vocabulary": tokens,
        "vocabulary_path": path,
        "tokenizer": tokenizer,
        "notes": notes,
    }


def _without(names: list[str]) -> dict:
    if not names:
        return {}
    return {
        "tokenizer_problem": (
            "Expected a WordPiece vocabulary, one token a line, among the "
            f"assets. Received: {', '.join(names)}. SentencePiece models, as "
            "of ALBERT, are not supported: the encoder can be loaded, but text "
            "cannot be prepared for it."
        )
    }


def _tokenizer(
    saved_model, folder: Path, prefix: Path, tokens: tuple[str, ...]
) -> tuple[TokenizerConfig, tuple[str, ...]]:
    nodes = [
        node
        for graph in saved_model.meta_graphs
        for function in graph.graph_def.library.function
        for node in function.node_def
    ]
    tokenizers = [node for node in nodes if node.op == _WORDPIECE]
    if tokenizers:
        values = tokenizers[0].attr
        return TokenizerConfig(
            do_lower_case=any(node.op in _LOWERS for node in nodes),
            unk_token=values["unknown_token"].s.decode() or "[UNK]",
            # In bytes, while ours counts characters.
            max_word_length=values["max_bytes_per_word"].i,
        ), ()
    if prefix.with_name(prefix.name + ".index").is_file():
        stored = list_checkpoint(prefix).get(_LOWER)
        if stored is not None:
            return TokenizerConfig(do_lower_case=bool(stored.read())), ()
    tokenizer, why = read_casing(folder, tokens)
    return tokenizer, (why,) if why else ()
