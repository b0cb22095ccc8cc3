"""Whether text is lowercased for a TensorFlow checkpoint, which does not say.

`do_lower_case` was an option of the programs that wrote these checkpoints, and
is in none of their files. It is taken from the first of these that tells it:

1. `tokenizer_config.json`, if there is one beside the checkpoint
2. the name of the folder: `uncased_L-12_H-768_A-12`, `multi_cased_L-12...`
3. the vocabulary: capitals mean cased text
"""

import re
from collections.abc import Sequence
from pathlib import Path

from bert_keras.checkpoints.readers.tokenizer_settings import (
    from_tokenizer_config,
    is_cased,
)
from bert_keras.config import TokenizerConfig

# The published Chinese and first multilingual models are uncased.
_LOWERED = re.compile(r"uncased|chinese|multilingual", re.IGNORECASE)
_CASED = re.compile(r"cased", re.IGNORECASE)


def read_casing(
    folder: Path, tokens: Sequence[str]
) -> tuple[TokenizerConfig, str]:
    """Returns how text is split into tokens, and how that is known.

    Args:
        folder: The folder of the checkpoint.
        tokens: Its vocabulary.

    Example:
        >>> config, why = read_casing(Path("cased_L-12_H-768_A-12"), ["a"])
        >>> config.do_lower_case
        False
        >>> why
        "do_lower_case=False, from the folder's name cased_L-12_H-768_A-12."
    """
    path = folder / "tokenizer_config.json"
    if path.is_file():
        answers = from_tokenizer_config(path)
        if "do_lower_case" in answers:
            return TokenizerConfig(**answers), ""
    name = folder.absolute().name
    if _LOWERED.search(name) or _CASED.search(name):
        lower, origin = (
            bool(_LOWERED.search(name)),
            f"the folder's name {name}",
        )
    else:
        lower = not is_cased(tokens)
        origin = "the vocabulary, which has " + (
            "no capitals" if lower else "capitals"
        )
    return (
        TokenizerConfig(do_lower_case=lower),
        f"do_lower_case={lower}, from {origin}.",
    )
