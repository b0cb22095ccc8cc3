"""A table of characters as one fast operation in the graph.

tf.text's `FastBertNormalize` replaces each character by what a model says, at
about 200 MB of text a second, and tells where each byte came from. The model
that tf.text ships lower-cases by NFKC case folding, which is not what BERT was
trained with; the operation itself is indifferent, so it gets our own tables.
"""

import functools

import flatbuffers
import numpy as np
import tensorflow as tf
import tensorflow_text as tf_text

from bert_keras.preprocessing.characters import CharacterTable
from bert_keras.preprocessing.double_array import build_double_array

# A value in the trie: bit 30 says "replace", then 24 bits of position in the
# pool of replacements, then 6 bits of length in bytes.
_REPLACE = 1 << 30
_LENGTH_BITS = 6


class CharacterMap(tf.Module):
    """Replaces characters in strings by a table.

    Args:
        table: From a character's UTF-8 bytes to its replacement. Characters
            which are missing stay.

    Example:
        >>> lower = CharacterMap({b"A": b"a", b"!": b""})
        >>> lower(tf.constant(["AB!"])).numpy().tolist()
        [b'aB']
    """

    def __init__(self, table: CharacterTable):
        super().__init__()
        # As a tensor made outside of any graph: every function that uses the
        # map then captures this one copy, and a SavedModel stores one.
        with tf.init_scope():
            model = _model(frozenset(table.items()))
            model = tf.constant(np.frombuffer(model, np.uint8))
        self._map = tf_text.FastBertNormalizer(model_buffer=model)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Returns the strings with replaced characters, string [batch]."""
        return self._map.normalize(texts)

    def with_sources(
        self, texts: tf.Tensor
    ) -> tuple[tf.Tensor, tf.RaggedTensor]:
        """Also says where each byte came from.

        Returns:
            The strings, string [batch], and for each of their bytes its
            position in `texts`, int64 [batch, (bytes + 1)], in bytes: the byte
            itself in a character that stayed, the first byte of a character
            that was replaced. The last position is the end of the string.
        """
        return self._map.normalize_with_offsets(texts)


@functools.lru_cache(maxsize=16)
def _model(table: frozenset[tuple[bytes, bytes]]) -> bytes:
    """Returns the model that `FastBertNormalize` reads, a flatbuffer.

    Most programs make several tokenizers with the same rules, hence a cache.
    """
    pool = bytearray()
    positions: dict[bytes, int] = {b"": 0}
    values = {}
    for character, replacement in sorted(table):
        if replacement not in positions:
            positions[replacement] = len(pool)
            pool += replacement
        position = positions[replacement]
        values[character] = (
            _REPLACE | position << _LENGTH_BITS | len(replacement)
        )
    # A trie has no key of one NUL byte; the format keeps its value beside it.
    nul = values.pop(b"\0", 0)
    units = build_double_array(values)

    builder = flatbuffers.Builder()
    trie = builder.CreateNumpyVector(units)
    texts = builder.CreateNumpyVector(np.frombuffer(bytes(pool), np.uint8))
    # Fields by number: 0 what tf.text's own builder did, unread at run time;
    # 1 the trie; 2 the value of NUL; 3 the pool.
    builder.StartObject(4)
    builder.PrependUOffsetTRelativeSlot(1, trie, 0)
    builder.PrependInt32Slot(2, nul, 0)
    builder.PrependUOffsetTRelativeSlot(3, texts, 0)
    builder.Finish(builder.EndObject())
    return bytes(builder.Output())
