"""Files that several formats have."""

import json
from pathlib import Path

from bert_keras import contract
from bert_keras.checkpoints import Contents
from bert_keras.export.writers.errors import ConversionError

TOKENIZER_CONFIG = "tokenizer_config.json"


def write_json(path: Path, value) -> None:
    """Writes JSON for people and programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(value, indent=2, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )


def write_vocabulary(contents: Contents, folder: Path) -> None:
    """Writes the tokenizer as two files, as `Preprocessor.save` does.

    Formats that do not say how text becomes pieces leave room for a file
    beside theirs.

    Args:
        contents: The model; some checkpoints are weights alone.
        folder: Where to write.

    Raises:
        ConversionError: As `write_pieces`.
    """
    if write_pieces(contents, folder / contract.VOCABULARY):
        config = contents.tokenizer.to_dict()
        write_json(folder / TOKENIZER_CONFIG, config)


def write_pieces(contents: Contents, path: Path) -> bool:
    """Writes a vocabulary, one piece a line.

    Returns:
        Whether there is one.

    Raises:
        ConversionError: If it is not known how the pieces are used, if one is
            there twice, or a special token is not.
    """
    if contents.vocabulary is None:
        return False
    check_pieces(contents)
    text = "".join(f"{piece}\n" for piece in contents.vocabulary)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Bytes: elsewhere, text files end their lines otherwise.
    path.write_bytes(text.encode())
    return True


def check_pieces(contents: Contents) -> None:
    """Checks that a vocabulary can be used; raises as `write_pieces` does."""
    if contents.tokenizer is None:
        raise ConversionError(
            f"{contents.tokenizer_problem} To convert the weights alone, copy "
            "them and their configuration into a folder without a vocabulary."
        )
    pieces = set(contents.vocabulary)
    if len(pieces) < len(contents.vocabulary):
        raise ConversionError(
            f"{contents.vocabulary_path}: Expected distinct pieces. Received: "
            f"{len(contents.vocabulary) - len(pieces)} of them twice."
        )
    missing = set(contents.tokenizer.special_tokens) - pieces
    if missing:
        raise ConversionError(
            f"{contents.vocabulary_path}: Expected the special tokens among "
            f"the pieces. Missing: {', '.join(sorted(missing))}"
        )
