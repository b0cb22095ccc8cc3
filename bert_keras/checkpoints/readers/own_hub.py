"""SavedModels of the TF Hub text API that this project wrote.

Their variables have our names, and `assets.extra/` has what is not in the
graph. The SavedModel is not run.
"""

from pathlib import Path

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.name_maps import Rename, by_our_names
from bert_keras.checkpoints.readers.tensorflow_checkpoint import (
    checkpoint_files,
    list_objects,
)
from bert_keras.checkpoints.vocabulary_files import read_tokens
from bert_keras.config import BertConfig, TokenizerConfig

# Files beside the graph, in each SavedModel.
EXTRA = "assets.extra"
BERT_CONFIG = "bert_config.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
# The two SavedModels, if they are in one folder.
ENCODER = "encoder"
PREPROCESSOR = "preprocessor"

_NAMES = (
    Rename("bert/(.+)", "{}"),
    Rename("masked_lm/(.+)", "{}", head="masked_lm"),
)


def read_own_hub(path: Path) -> Contents:
    """Reads an encoder or a preprocessor that `convert --format hub` wrote.

    Args:
        path: Either, or the folder of both, of which the encoder is read.

    Raises:
        WeightsError: If its weights are damaged.
        ValueError: If its settings are.
    """
    folder = path if path.is_dir() else path.parent
    if (folder / ENCODER).is_dir():
        folder = folder / ENCODER
    config = folder / EXTRA / BERT_CONFIG
    if not config.is_file():
        vocabulary = _vocabulary(folder)
        return Contents("hub", folder, config=None, tensors={}, **vocabulary)
    prefix = folder / "variables" / "variables"
    named = by_our_names(list_objects(prefix), _NAMES, source=prefix)
    return Contents(
        format="hub",
        folder=folder,
        config=BertConfig.from_file(config),
        tensors=named.encoder,
        weights=checkpoint_files(prefix),
        heads=named.heads,
        unknown=named.unknown,
        **_vocabulary(folder),
    )


def _vocabulary(folder: Path) -> dict:
    path = folder / "assets" / "vocab.txt"
    if not path.is_file():
        return {}
    settings = read_json(folder / EXTRA / TOKENIZER_CONFIG)
    return {
        "vocabulary": tuple(read_tokens(path)),
        "vocabulary_path": path,
        "tokenizer": TokenizerConfig(**settings),
    }
