"""Files that several formats share."""

import json
from pathlib import Path

from bert_keras import contract
from bert_keras.checkpoints import Contents
from bert_keras.config import TokenizerConfig
from bert_keras.export.writers.errors import ConversionError

TOKENIZER_CONFIG = "tokenizer_config.json"


def write_json(path: Path, value) -> None:
    """Writes indented JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(value, indent=2, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )


def write_vocabulary(contents: Contents, folder: Path) -> None:
    """Writes the tokenizer as two files, as `Preprocessor.save` does.

    Formats without settings of the tokenizer allow for a file beside theirs.

    Args:
        contents: The model; it may have no vocabulary.
        folder: The folder to write into.

    Raises:
        ConversionError: As `write_tokens`.
    """
    config = write_tokens(contents, folder / contract.VOCABULARY)
    if config is not None:
        write_json(folder / TOKENIZER_CONFIG, config.to_dict())


def write_tokens(contents: Contents, path: Path) -> TokenizerConfig | None:
    """Writes a vocabulary, one token a line.

    Returns:
        The tokenizer's settings; `None` if the model has no vocabulary.

    Raises:
        ConversionError: If the tokenizer's settings are unknown, a token
            occurs twice, or a special token is missing.
    """
    if contents.vocabulary is None:
        return None
    config = check_tokens(contents)
    text = "".join(f"{token}\n" for token in contents.vocabulary)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Bytes, since text files have other line endings on some systems.
    path.write_bytes(text.encode())
    return config


def check_tokens(contents: Contents) -> TokenizerConfig:
    """Checks a vocabulary; returns and raises as `write_tokens` does."""
    if contents.tokenizer is None:
        raise ConversionError(
            f"{contents.tokenizer_problem} To convert the weights alone, copy "
            "them and their configuration into a folder without a vocabulary."
        )
    vocabulary = contents.require_vocabulary()
    tokens = set(vocabulary)
    if len(tokens) < len(vocabulary):
        raise ConversionError(
            f"{contents.vocabulary_path}: Expected distinct tokens. Received: "
            f"duplicates ({len(vocabulary) - len(tokens)})."
        )
    missing = set(contents.tokenizer.special_tokens) - tokens
    if missing:
        raise ConversionError(
            f"{contents.vocabulary_path}: Expected the special tokens in "
            f"the vocabulary. Missing: {', '.join(sorted(missing))}"
        )
    return contents.tokenizer
