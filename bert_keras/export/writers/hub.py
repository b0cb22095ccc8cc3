"""TF Hub: an encoder and its preprocessor, as a pair of SavedModels.

    OUT/encoder         ids in, vectors out; its `mlm` predicts tokens
    OUT/preprocessor    strings in, ids out

Each is a folder that `hub.load`, `hub.KerasLayer` and the Model Garden take:
https://www.tensorflow.org/hub/common_saved_model_apis/text
"""

from pathlib import Path

from bert_keras.checkpoints import (
    DEFAULT_MAX_LENGTH,
    Contents,
    encoder_shapes,
    require_shapes,
    restore,
)
from bert_keras.checkpoints.readers.own_hub import ENCODER, PREPROCESSOR
from bert_keras.config import BertConfig
from bert_keras.export.writers.errors import ConversionError
from bert_keras.export.writers.files import check_tokens


def write_hub(contents: Contents, folder: Path) -> None:
    """Writes both SavedModels; without a vocabulary, the encoder alone.

    Args:
        contents: The model. Its preprocessor returns sequences of 128 tokens by
            default, or of as many as the encoder has positions.
        folder: Empty.

    Raises:
        ConversionError: If the encoder has no pooler, or the tokenizer's
            settings are unknown.
        RestoreError: If weights of the head are missing.
        OSError: If the folder cannot be written.
    """
    # Imported here: other formats need no TensorFlow.
    from bert_keras.export.writers.hub_encoder import write_hub_encoder
    from bert_keras.export.writers.hub_preprocessor import (
        write_hub_preprocessor,
    )
    from bert_keras.preprocessing import Preprocessor, Tokenizer, Vocabulary

    config = contents.require_config()
    _check_pooler(contents)
    vocabulary = None
    if contents.vocabulary is not None:
        settings = check_tokens(contents)
        vocabulary = Vocabulary(contents.vocabulary, settings)
        length = min(DEFAULT_MAX_LENGTH, config.max_position_embeddings)
        tokenizer = Tokenizer(vocabulary, settings)
        write_hub_preprocessor(
            folder / PREPROCESSOR, Preprocessor(tokenizer, max_length=length)
        )
    write_hub_encoder(
        folder / ENCODER,
        _encoder(contents, config),
        vocabulary=vocabulary,
        masked_lm=_masked_lm(contents, config),
    )


def _check_pooler(contents: Contents) -> None:
    if "pooler/kernel" not in contents.tensors:
        raise ConversionError(
            "Expected an encoder with a pooler, which the TF Hub text API "
            f"needs for `pooled_output`. Received: {contents.source}, a "
            "language model without one. Fine-tune it first, or try --format "
            "huggingface."
        )


def _encoder(contents: Contents, config: BertConfig):
    from bert_keras.encoders import BertEncoder

    tensors, source = contents.tensors, contents.source
    require_shapes(encoder_shapes(config), tensors, source=source)
    encoder = BertEncoder(config, initializer="zeros", dtype="float32")
    restore(encoder.named_variables, tensors, source=source)
    return encoder


def _masked_lm(contents: Contents, config: BertConfig):
    from bert_keras.heads import MaskedLMHead

    tensors = contents.heads.get("masked_lm")
    if tensors is None:
        return None
    head = MaskedLMHead(config, tied="kernel" not in tensors, dtype="float32")
    restore(head.named_variables, tensors, source=contents.source)
    return head
