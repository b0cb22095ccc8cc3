"""How the text of a TensorFlow checkpoint is split, which it does not say.

`do_lower_case` was an option of the programs that made these checkpoints, and
is in none of their files. The first of these that answers is followed:

1. `tokenizer_config.json`, if somebody put one beside the checkpoint
2. the name of the folder: `uncased_L-12_H-768_A-12`, `multi_cased_L-12...`
3. the vocabulary: with capitals, it is of cased text
"""

import re
from collections.abc import Sequence
from pathlib import Path

from bert_keras.checkpoints.readers.tokenizer_settings import (
    from_tokenizer_config,
    is_cased,
)
from bert_keras.config import TokenizerConfig

# The published Chinese and first multilingual models are of lowered text.
_LOWERED = re.compile(r"uncased|chinese|multilingual", re.IGNORECASE)
_CASED = re.compile(r"cased", re.IGNORECASE)


def read_casing(
    folder: Path, pieces: Sequence[str]
) -> tuple[TokenizerConfig, str]:
    """Returns how text becomes pieces, and how that is known.

    Args:
        folder: Of the checkpoint.
        pieces: Its vocabulary.

    Example:
        >>> config, why = read_casing(Path("cased_L-12_H-768_A-12"), ["a"])
        >>> config.do_lower_case
        False
        >>> why
        "do_lower_case=False, told by the folder's name cased_L-12_H-768_A-12."
    """
    path = folder / "tokenizer_config.json"
    if path.is_file():
        answers = from_tokenizer_config(path)
        if "do_lower_case" in answers:
            return TokenizerConfig(**answers), ""
    name = folder.absolute().name
    if _LOWERED.search(name) or _CASED.search(name):
        lower, told_by = (
            bool(_LOWERED.search(name)),
            f"the folder's name {name}",
        )
    else:
        lower = not is_cased(pieces)
        told_by = "the vocabulary, which has " + (
            "no capitals" if lower else "capitals"
        )
    return (
        TokenizerConfig(do_lower_case=lower),
        f"do_lower_case={lower}, told by {told_by}.",
    )
