"""Which files of a Hugging Face repository a BERT checkpoint needs.

Repositories hold the same weights for up to six frameworks, and other files
besides. Only what is read is downloaded.
"""

import re
from collections.abc import Iterable

_SETTINGS = (
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "vocab.txt",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
)
# The first that exists is used: data before a pickle, one file before several.
_WEIGHTS = (
    r"model\.safetensors",
    r"model\.safetensors\.index\.json|model-\d+-of-\d+\.safetensors",
    r"pytorch_model\.bin",
    r"pytorch_model\.bin\.index\.json|pytorch_model-\d+-of-\d+\.bin",
)
_SENTENCE_MODULES = "modules.json"
_STEP = re.compile(r"(\d+_\w+)/")
# Other formats, each recognised by its first pattern.
_KERAS_HUB = (
    r"model(?:_\d+)?\.weights\.h5",
    r"model\.weights\.json",
    r"task\.weights\.h5",
    r"(?:config|metadata|preprocessor|task|tokenizer)\.json",
    r"assets/tokenizer/vocabulary\.txt",
)
_TF1 = (
    r"bert_config\.json",
    r"vocab\.txt",
    r"[\w.-]+\.ckpt[\w.-]*\.(?:index|data-\d+-of-\d+)",
)


def needed_files(names: list[str], inside: str = "") -> list[str]:
    """Chooses the files of a checkpoint.

    Args:
        names: The paths of all files of a repository.
        inside: The folder of the checkpoint, or one file of weights in it.

    Returns:
        The paths to download, sorted; empty if there is no checkpoint.

    Example:
        >>> needed_files(["README.md", "config.json", "model.safetensors"])
        ['config.json', 'model.safetensors']
    """
    folder, weights = inside, None
    if inside in names:
        folder, weights = inside.rpartition("/")[0], [inside]
    start = f"{folder}/" if folder else ""
    here = [name[len(start) :] for name in names if name.startswith(start)]
    if _matching(here, _KERAS_HUB[:1]):
        chosen = _matching(here, _KERAS_HUB)
    elif _matching(here, _TF1[:1]) and "config.json" not in here:
        chosen = _matching(here, _TF1)
    elif _SENTENCE_MODULES in here:
        # The Transformer step is at the root or in its own folder.
        steps = {m[1] for name in here if (m := _STEP.match(name))}
        chosen = {_SENTENCE_MODULES, *_checkpoint(here, "")}
        for step in steps:
            chosen |= _checkpoint(here, f"{step}/")
    else:
        chosen = _checkpoint(here, "")
    found = {start + name for name in chosen}
    if weights:
        found = {name for name in found if not _is_weights(name)} | {*weights}
    return sorted(found)


def is_complete(names: list[str]) -> bool:
    """Tells whether files include an architecture and weights."""
    last = {name.rpartition("/")[2] for name in names}
    configured = not last.isdisjoint({"config.json", "bert_config.json"})
    return configured and any(map(_is_weights, names))


def _checkpoint(names: list[str], start: str) -> set[str]:
    """Returns the settings in a folder, and one form of the weights."""
    chosen = {start + name for name in _SETTINGS}.intersection(names)
    for pattern in _WEIGHTS:
        weights = _matching(names, [re.escape(start) + f"(?:{pattern})"])
        if weights:
            return chosen | weights
    return chosen


def _matching(names: list[str], patterns: Iterable[str]) -> set[str]:
    either = re.compile("|".join(patterns))
    return {name for name in names if either.fullmatch(name)}


def _is_weights(name: str) -> bool:
    return name.endswith((".safetensors", ".bin", ".weights.h5", ".index"))
