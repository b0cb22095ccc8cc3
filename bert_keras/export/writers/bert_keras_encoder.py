"""bert_keras: a folder of safetensors and JSON with all parts of an encoder."""

from pathlib import Path

import numpy as np

from bert_keras import contract
from bert_keras.checkpoints import Contents, write_tensors
from bert_keras.checkpoints.readers.bert_keras_encoder import ENCODER
from bert_keras.digests import folder_digests
from bert_keras.export.writers.files import write_json, write_vocabulary


def write_bert_keras_encoder(contents: Contents, folder: Path) -> None:
    """Writes all of `Contents`, for `read_bert_keras_encoder`.

    Args:
        contents: The model.
        folder: Empty.
    """
    parts = {ENCODER: contents.tensors, **contents.heads}
    write_tensors(
        folder / contract.WEIGHTS,
        {
            f"{part}/{name}": np.ascontiguousarray(tensor)
            for part, tensors in parts.items()
            for name, tensor in tensors.items()
        },
    )
    write_vocabulary(contents, folder)
    write_json(
        folder / contract.ENCODER_CONFIG,
        {
            "config": contents.require_config().to_dict(),
            "heads": list(contents.heads),
            "labels": contents.labels,
            "problem_type": contents.problem_type,
            "pooling": contents.pooling,
            "windows": dict(contents.windows),
            "sentence": contents.sentence and contents.sentence.to_dict(),
            "digests": folder_digests(folder),
        },
    )
