"""The encoder of a task's folder, and of an exported version.

A BERT encoder is built from `task.json`. For an encoder that is a SavedModel,
the graph is copied into the folder, so that the folder is self-contained. Its
weights are saved with all others.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from bert_keras.atomic import replacing
from bert_keras.checkpoints import encoder_shapes, require_shapes
from bert_keras.config import BertConfig, SavedModelConfig
from bert_keras.encoders import BertEncoder, SavedModelEncoder
from bert_keras.trust import SAVED_MODEL

_KEY = "saved_model"
_ASSETS = "assets"
_ENCODER = "encoder/"


def keep_encoder(encoder, folder: Path) -> None:
    """Copies an encoder's SavedModel into a folder, if it is one.

    Its weights are left out, since they are those from before training.

    Args:
        encoder: The task's encoder.
        folder: The folder of the task, or of a version.
    """
    if not isinstance(encoder, SavedModelEncoder):
        return
    target = folder / encoder.config.saved_model
    if target.is_dir():
        kept, own = (path / SAVED_MODEL for path in (target, encoder.folder))
        if kept.is_file() and kept.read_bytes() == own.read_bytes():
            return
        shutil.rmtree(target)
    with replacing(target) as unfinished:
        unfinished.mkdir()
        shutil.copy(encoder.folder / SAVED_MODEL, unfinished)
        if (encoder.folder / _ASSETS).is_dir():
            shutil.copytree(encoder.folder / _ASSETS, unfinished / _ASSETS)


def build_encoder(
    values: dict,
    folder: Path,
    tensors: Mapping,
    *,
    dtype: str | None,
    trust: bool,
) -> BertEncoder | SavedModelEncoder:
    """Builds the encoder that a `task.json` names, without its weights.

    Args:
        values: The encoder's entry in `task.json` or `bert_keras.json`.
        folder: Where that file is.
        tensors: The task's weights, whose shapes are compared before a BERT
            encoder is built.
        dtype: Keras dtype policy.
        trust: Whether a SavedModel may do more than compute.

    Raises:
        UntrustedModel: If it does more, and is not trusted.
        RestoreError: If weights are missing or of another shape.
    """
    if _KEY not in values:
        config = BertConfig(**values)
        shapes = encoder_shapes(config)
        named = {f"{_ENCODER}{name}": shape for name, shape in shapes.items()}
        # Others are the head's and LoRA's.
        found = {name: tensors[name] for name in named if name in tensors}
        require_shapes(named, found, source=folder)
        return BertEncoder(config, initializer="zeros", dtype=dtype)
    config = SavedModelConfig(**values)
    return SavedModelEncoder(
        folder / config.saved_model, weights=False, trust=trust, dtype=dtype
    )
