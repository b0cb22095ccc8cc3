"""A table of character replacements as one fast operation in the graph.

tf.text's `FastBertNormalize` replaces characters as its model says, about
200 MB of text per second, and returns where each byte came from. The model
that tf.text ships lowercases by NFKC case folding, which is not what BERT was
trained with; the operation accepts any model, so here it gets our own tables.
"""

import functools

import flatbuffers
import numpy as np
import tensorflow as tf
import tensorflow_text as tf_text

from bert_keras.preprocessing.characters import CharacterTable
from bert_keras.preprocessing.double_array import build_double_array

# A value in the trie: bit 30 means "replace", then 24 bits with the offset in
# the pool of replacements, then 6 bits with the length in bytes.
_REPLACE = 1 << 30
_LENGTH_BITS = 6


class CharacterMap(tf.Module):
    """Replaces characters in strings according to a table.

    Args:
        table: From a character's UTF-8 bytes to its replacement. Characters
            that are not in the table are kept.

    Example:
        >>> lower = CharacterMap({b"A": b"a", b"!": b""})
        >>> lower(tf.constant(["AB!"])).numpy().tolist()
        [b'aB']
    """

    def __init__(self, table: CharacterTable):
        super().__init__()
        # A tensor created outside of any graph: every function that uses the
        # map captures this one copy, and a SavedModel stores it once.
        with tf.init_scope():
            model = _model(frozenset(table.items()))
            model = tf.constant(np.frombuffer(model, np.uint8))
        self._map = tf_text.FastBertNormalizer(model_buffer=model)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Replaces the characters of texts, string [batch]."""
        return self._map.normalize(texts)

    def with_sources(
        self, texts: tf.Tensor
    ) -> tuple[tf.Tensor, tf.RaggedTensor]:
        """Also returns where each byte came from.

        Args:
            texts: Strings [batch].

        Returns:
            The new strings, string [batch], and for each of their bytes the
            offset in bytes that it came from in `texts`, int64
            [batch, (bytes + 1)]: of the same byte if the character was kept,
            of the character's first byte if it was replaced. The last offset
            is the end of the string.
        """
        return self._map.normalize_with_offsets(texts)


@functools.lru_cache(maxsize=16)
def _model(table: frozenset[tuple[bytes, bytes]]) -> bytes:
    """Returns the model that `FastBertNormalize` reads, a flatbuffer.

    It is cached: most programs create several tokenizers with the same rules.
    """
    pool = bytearray()
    offsets: dict[bytes, int] = {b"": 0}
    values = {}
    for character, replacement in sorted(table):
        if replacement not in offsets:
            offsets[replacement] = len(pool)
            pool += replacement
        offset = offsets[replacement]
        values[character] = _REPLACE | offset << _LENGTH_BITS | len(replacement)
    # NUL cannot be a key in the trie; the format has a field for its value.
    nul = values.pop(b"\0", 0)
    units = build_double_array(values)

    builder = flatbuffers.Builder()
    trie = builder.CreateNumpyVector(units)
    texts = builder.CreateNumpyVector(np.frombuffer(bytes(pool), np.uint8))
    # The fields: 0, settings of tf.text's own builder, not read at run time;
    # 1, the trie; 2, the value of NUL; 3, the pool.
    builder.StartObject(4)
    builder.PrependUOffsetTRelativeSlot(1, trie, 0)
    builder.PrependInt32Slot(2, nul, 0)
    builder.PrependUOffsetTRelativeSlot(3, texts, 0)
    builder.Finish(builder.EndObject())
    return bytes(builder.Output())
