"""The pieces of a vocabulary, from either file that may hold them."""

from pathlib import Path

from bert_keras.checkpoints.json_files import read_json


def read_pieces(path: Path) -> list[str]:
    """Reads the pieces of a `vocab.txt` or a `tokenizer.json` in id order.

    Args:
        path: One piece a line, or a JSON object with `model.vocab`.

    Raises:
        ValueError: If the ids of a `tokenizer.json` leave gaps.

    Example:
        >>> read_pieces(folder / "vocab.txt")[:2]
        ['[PAD]', '[UNK]']
    """
    if path.suffix != ".json":
        # Only "\n" ends a line here: str.splitlines would also break a piece
        # that holds one of Unicode's own line separators.
        text = path.read_text(encoding="utf-8").removesuffix("\n")
        return [line.rstrip("\r") for line in text.split("\n")]
    ids = (read_json(path).get("model") or {}).get("vocab") or {}
    pieces = sorted(ids, key=ids.get)
    if [ids[piece] for piece in pieces] != list(range(len(pieces))):
        raise ValueError(
            f"{path}: Expected the ids 0 to {len(pieces) - 1}, each once."
        )
    return pieces
