"""The encoder of a task's folder.

BERT's own is built from `task.json`. An encoder that is a SavedModel is copied
into the folder, so that the folder is whole: nothing else knows its graph. Its
weights stand in `model.safetensors` like all that were trained.
"""

import shutil
from pathlib import Path

from bert_keras.atomic import replacing
from bert_keras.config import BertConfig, SavedModelConfig
from bert_keras.encoders import BertEncoder, SavedModelEncoder
from bert_keras.trust import SAVED_MODEL

_KEY = "saved_model"


def keep_encoder(encoder, folder: Path) -> None:
    """Copies an encoder's SavedModel into a task's folder, if it is one.

    Args:
        encoder: Of the task.
        folder: Of the task.
    """
    if not isinstance(encoder, SavedModelEncoder):
        return
    target = folder / encoder.config.saved_model
    if target.is_dir():
        kept, mine = (path / SAVED_MODEL for path in (target, encoder.folder))
        # Its weights are not looked at: those of the task stand elsewhere.
        if kept.is_file() and kept.read_bytes() == mine.read_bytes():
            return
        shutil.rmtree(target)
    with replacing(target) as unfinished:
        shutil.copytree(encoder.folder, unfinished)


def build_encoder(
    values: dict, folder: Path, *, dtype: str | None, trust: bool
) -> BertEncoder | SavedModelEncoder:
    """Builds the encoder that a `task.json` names, without its weights.

    Args:
        values: The encoder's entry in `task.json`.
        folder: Of the task.
        dtype: Keras dtype policy.
        trust: Whether a SavedModel may do more than compute.

    Raises:
        UntrustedModel: If it does more, and is not trusted.
    """
    if _KEY not in values:
        config = BertConfig(**values)
        return BertEncoder(config, initializer="zeros", dtype=dtype)
    config = SavedModelConfig(**values)
    return SavedModelEncoder(
        folder / config.saved_model, trust=trust, dtype=dtype
    )
