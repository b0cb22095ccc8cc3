"""bert_keras: an encoder with any heads, as `convert` writes it.

encoder.json            architecture, heads, labels, how a text is one vector
model.safetensors       weights: encoder/..., masked_lm/..., span/...
vocab.txt               the tokens
tokenizer_config.json   how text is split into them
"""

from pathlib import Path

from bert_keras import contract
from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.readers.safetensors_file import list_safetensors
from bert_keras.checkpoints.readers.sentence_transformers import (
    SentenceSettings,
)
from bert_keras.checkpoints.tensors import Axes, StoredTensor
from bert_keras.checkpoints.vocabulary_files import read_tokens
from bert_keras.config import BertConfig, TokenizerConfig
from bert_keras.digests import check_digests

ENCODER = "encoder"
TOKENIZER = "tokenizer_config.json"


def read_bert_keras_encoder(path: Path) -> Contents:
    """Reads what `convert(..., format="bert_keras")` wrote.

    Args:
        path: The folder, or a file in it.

    Raises:
        CheckpointError: If a file has other content than this version writes.
        DigestError: If a file is not the one that was written.
        WeightsError: If the weights are damaged.
    """
    folder = path if path.is_dir() else path.parent
    config_path, weights = (
        folder / contract.ENCODER_CONFIG,
        folder / contract.WEIGHTS,
    )
    values = read_json(config_path)
    check_digests(config_path, values.get("digests"))
    parts = _parts(list_safetensors(weights))
    try:
        sentence, heads = values["sentence"], values["heads"]
        return Contents(
            format="bert_keras-encoder",
            folder=folder,
            config=BertConfig(**values["config"]),
            tensors=parts.pop(ENCODER, {}),
            weights=(weights,),
            heads={head: part for head, part in parts.items() if head in heads},
            unknown={
                f"{other}/{name}": tensor
                for other, part in parts.items()
                for name, tensor in part.items()
                if other not in heads
            },
            labels=tuple(values["labels"]),
            problem_type=values["problem_type"],
            pooling=values["pooling"],
            windows=values.get("windows", {}),
            sentence=sentence and SentenceSettings.from_dict(sentence),
            **_tokenizer(folder),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{config_path}: Expected what this version of bert_keras writes. "
            f"Received: {type(error).__name__}: {error}"
        ) from error


def _parts(stored: dict[str, StoredTensor]) -> dict[str, dict]:
    parts: dict[str, dict] = {}
    for name, tensor in stored.items():
        part, _, ours = name.partition("/")
        parts.setdefault(part, {})[ours] = tensor.with_axes(Axes.SAME)
    return parts


def _tokenizer(folder: Path) -> dict:
    path = folder / contract.VOCABULARY
    if not path.is_file():
        return {}
    return {
        "vocabulary": tuple(read_tokens(path)),
        "vocabulary_path": path,
        "tokenizer": TokenizerConfig(**read_json(folder / TOKENIZER)),
    }
