"""Files of the SavedModels of the TF Hub text API, besides the graph."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

from bert_keras import contract
from bert_keras.checkpoints.readers.own_hub import EXTRA, TOKENIZER_CONFIG
from bert_keras.export.save_module import save_module
from bert_keras.export.writers.files import write_json
from bert_keras.preprocessing import Vocabulary


def save_with_vocabulary(
    module, folder: Path, vocabulary: Vocabulary | None, configs: Mapping
) -> None:
    """Writes a SavedModel, its vocabulary and its configurations.

    The vocabulary becomes `assets/vocab.txt`, to which `module.vocab_file`
    refers. Configurations are in `assets.extra/`, for programs that read the
    files.

    Args:
        module: Gets the attribute `vocab_file`.
        folder: The folder to write; created if it is missing.
        vocabulary: Its tokens, and the tokenizer's settings.
        configs: Objects with `to_dict`, by file name.

    Raises:
        OSError: If the folder cannot be written.
    """
    if vocabulary is not None:
        configs = {**configs, TOKENIZER_CONFIG: vocabulary.config}
    with tempfile.TemporaryDirectory() as temporary:
        if vocabulary is not None:
            path = Path(temporary) / contract.VOCABULARY
            vocabulary.save(path)
            module.vocab_file = tf.saved_model.Asset(str(path))
        save_module(module, folder)
    for name, config in configs.items():
        write_json(folder / EXTRA / name, config.to_dict())
