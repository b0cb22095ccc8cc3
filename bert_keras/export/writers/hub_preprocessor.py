"""A preprocessor as a SavedModel of the TF Hub text API.

    preprocessor = hub.load(folder)
    preprocessor(texts)                     sequences of the default length
    preprocessor.tokenize(texts)            [batch, (words), (tokens)]
    preprocessor.tokenize_with_offsets(texts)   the same, and byte offsets
    preprocessor.bert_pack_inputs([ids, ids_b], seq_length=256)
    preprocessor.tokenize.get_special_tokens_dict()
    preprocessor.vocab_file                 a file in assets/

Tokens are grouped by words, as in the Model Garden's preprocessors: code that
uses them joins the last two axes, and code that masks or trims whole words can
see where they end.

https://www.tensorflow.org/hub/common_saved_model_apis/text
"""

from pathlib import Path

import tensorflow as tf

from bert_keras.export.writers.hub_files import save_with_vocabulary
from bert_keras.export.writers.hub_tokenize import (
    Step,
    TokenizerByWords,
    special_tokens,
)
from bert_keras.preprocessing import Preprocessor, SpecialIds, pack


def write_hub_preprocessor(
    folder: str | Path, preprocessor: Preprocessor
) -> None:
    """Writes a preprocessor as a SavedModel of the TF Hub text API.

    Sequences have the length `preprocessor.max_length` by default.

    Args:
        folder: The folder to write; created if it is missing.
        preprocessor: Its tokenizer gives the same ids in the SavedModel.

    Raises:
        OSError: If the folder cannot be written.
    """
    save_with_vocabulary(
        HubPreprocessor(preprocessor),
        Path(folder),
        preprocessor.vocabulary,
        {},
    )


class HubPreprocessor(tf.Module):
    """Strings to packed sequences, and the two steps between.

    Args:
        preprocessor: Gives the tokenizer and the default length.

    Attributes:
        tokenize: Texts to tokens.
        tokenize_with_offsets: Texts to tokens, their starts and ends.
        bert_pack_inputs: Tokens of one or two segments to packed sequences.
    """

    def __init__(self, preprocessor: Preprocessor):
        super().__init__()
        tokenizer = preprocessor.tokenizer
        special = special_tokens(tokenizer.vocabulary)
        self._tokenizer = TokenizerByWords(tokenizer)
        self.tokenize = Step(self._tokenizer.tokenize, special)
        self.tokenize_with_offsets = Step(
            self._tokenizer.tokenize_with_offsets, special
        )
        self.bert_pack_inputs = _Pack(
            SpecialIds.from_vocabulary(tokenizer.vocabulary),
            preprocessor.max_length,
        )

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="sentences")],
        autograph=False,
    )
    def __call__(self, sentences):
        """Packs single texts, string [batch]."""
        ids = self._tokenizer.tokenize(sentences)
        return self.bert_pack_inputs.rows([ids])


class _Pack(tf.Module):
    """One or two segments to packed sequences of any length."""

    def __init__(self, special: SpecialIds, length: int):
        super().__init__()
        self._special = special
        self._length = length

        def call(inputs, seq_length=length):
            segments = inputs if isinstance(inputs, list) else [inputs]
            return self.rows(segments, seq_length)

        self.__call__ = tf.function(call, autograph=False)
        # A SavedModel has only what was traced: one segment or two, tokens
        # grouped by words or not.
        for shape in ([None, None], [None, None, None]):
            spec = tf.RaggedTensorSpec(shape, tf.int32)
            for inputs in (spec, [spec], [spec, spec]):
                self.__call__.get_concrete_function(
                    inputs, seq_length=tf.TensorSpec([], tf.int32)
                )

    def rows(self, segments: list[tf.RaggedTensor], length=None):
        """Returns packed sequences of a length, `None` for the default."""
        length = self._length if length is None else length
        segments = [
            ids.merge_dims(1, -1) if ids.shape.rank > 2 else ids
            for ids in segments
        ]
        first, second = segments if len(segments) == 2 else (segments[0], None)
        packed = pack(
            first,
            second,
            self._special,
            max_length=tf.cast(length, tf.int64),
            padding="fixed",
        )
        # The static shape, which the operations above do not infer.
        shape = tf.stack([first.nrows(tf.int32), tf.cast(length, tf.int32)])
        return {name: tf.reshape(t, shape) for name, t in packed.items()}
