"""Files that several formats have."""

import json
from pathlib import Path

from bert_keras.checkpoints import Contents
from bert_keras.export.writers.errors import ConversionError

VOCABULARY = "vocab.txt"


def write_json(path: Path, value) -> None:
    """Writes JSON for people and programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(value, indent=2, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )


def write_vocabulary(contents: Contents, folder: Path) -> bool:
    """Writes `vocab.txt`, one piece a line.

    Returns:
        Whether there is a vocabulary: some checkpoints are weights alone.

    Raises:
        ConversionError: If it is not known how the pieces are used.
    """
    if contents.vocabulary is None:
        return False
    if contents.tokenizer is None:
        raise ConversionError(
            f"{contents.tokenizer_problem} To convert the weights alone, copy "
            "them and their configuration into a folder without a vocabulary."
        )
    text = "".join(f"{piece}\n" for piece in contents.vocabulary)
    # Bytes: elsewhere, text files end their lines otherwise.
    (folder / VOCABULARY).write_bytes(text.encode())
    return True
