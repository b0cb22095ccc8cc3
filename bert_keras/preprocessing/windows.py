"""Long texts as windows with stride, in the graph.

A text longer than the encoder's rows becomes several rows that overlap. Each
piece stands in one window or more, and has its most context in one of them:
there it is scored, as original BERT does.

    pieces      a b c d e f g h             4 fit, stride 2
    windows     a b c d
                    c d e f
                        e f g h
    most        a b c
    context           d e
                          f g h

With a question, each window has it in front: [CLS] q q [SEP] c d e f [SEP].
Without, windows serve a single long text: [CLS] c d e f [SEP]. Only core
operations are used, none that old servers lack.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import tensorflow as tf

from bert_keras.contract import INPUT_MASK, INPUT_WORD_IDS
from bert_keras.preprocessing.packing import trim
from bert_keras.preprocessing.preprocessor import Preprocessor

_NONE = -1
# Enough to keep all cores busy, few enough to fit in memory.
_TOKENS_PER_BATCH = 8192
_MIN_WINDOWS = 8


class Windows(NamedTuple):
    """Rows for the encoder, and what stands at each of their places.

    A place that holds no piece of the text (special pieces, the question,
    padding) has -1 in `token_indices`, `starts` and `ends`.

    Attributes:
        inputs: The encoder's inputs, each int32 [windows, length].
        text_indices: The text that each window belongs to, int32 [windows],
            ascending. Every text has at least one window, even an empty one.
        token_indices: Index of each token in its text, int32
            [windows, length].
        starts: First character of each piece, int32 [windows, length].
        ends: The character after its last, int32 [windows, length].
        is_max_context: Where a piece has more context than in other windows,
            bool [windows, length]: once for each piece of a text.
    """

    inputs: dict[str, tf.Tensor]
    text_indices: tf.Tensor
    token_indices: tf.Tensor
    starts: tf.Tensor
    ends: tf.Tensor
    is_max_context: tf.Tensor

    def part(self, start: tf.Tensor, end: tf.Tensor) -> "Windows":
        """Returns some windows, no longer than the longest of them."""
        sizes = tf.reduce_sum(self.inputs[INPUT_MASK][start:end], axis=1)
        # A part without windows has the length of an empty text.
        length = tf.reduce_max(tf.concat([sizes, [2]], axis=0))
        return Windows(
            {name: x[start:end, :length] for name, x in self.inputs.items()},
            self.text_indices[start:end],
            *(x[start:end, :length] for x in self[2:]),
        )


def slide(
    preprocessor: Preprocessor,
    texts: tf.Tensor,
    questions: tf.Tensor | None = None,
    *,
    stride: int,
    max_query_length: int | None = 64,
    max_windows: int | None = None,
) -> Windows:
    """Lays windows over texts.

    Args:
        preprocessor: Tokenizes and packs; its `max_length` is a window's.
        texts: Strings [batch], of any length.
        questions: What stands before each window, strings [batch], or None.
        stride: Pieces from one window's beginning to the next one's.
        max_query_length: Pieces of a question at most, the rest is cut; never
            more than half of what fits into a row. `None` cuts at this half,
            and only where the text needs the other.
        max_windows: At most so many windows per text, the first ones; `None`
            for as many as it takes.

    Returns:
        The windows, those of a text in order, texts in order.

    Example:
        >>> from bert_keras.config import TokenizerConfig
        >>> from bert_keras.preprocessing import Tokenizer, Vocabulary
        >>> pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdef"]
        >>> tokenizer = Tokenizer(Vocabulary(pieces), TokenizerConfig())
        >>> preprocessor = Preprocessor(tokenizer, max_length=6)
        >>> texts = tf.constant(["a b c d e f"])
        >>> windows = slide(preprocessor, texts, stride=2)
        >>> windows.token_indices.numpy().tolist()
        [[-1, 0, 1, 2, 3, -1], [-1, 2, 3, 4, 5, -1]]
        >>> windows.token_indices[windows.is_max_context].numpy()
        array([0, 1, 2, 3, 4, 5], dtype=int32)
    """
    ids, starts, ends = preprocessor.tokenize_with_offsets(texts)
    sizes = tf.cast(ids.row_lengths(), tf.int32)
    room = preprocessor.max_length - 2
    before = tf.ones_like(sizes)  # places before the text: [CLS]
    if questions is not None:
        room -= 1
        asked = _asked(
            preprocessor.tokenize(questions), sizes, room, max_query_length
        )
        before = tf.cast(asked.row_lengths(), tf.int32) + 2
        room = room + 2 - before
    room = tf.broadcast_to(room, tf.shape(sizes))
    # An empty text may leave all of the room to its question.
    step = tf.maximum(1, tf.minimum(stride, room))
    more = tf.maximum(sizes - room, 0)
    counts = (more + step - 1) // step + 1
    if max_windows is not None:
        counts = tf.minimum(counts, max_windows)
    number = tf.ragged.range(counts)
    rows = tf.cast(number.value_rowids(), tf.int32)
    firsts = number.flat_values * tf.gather(step, rows)
    held = tf.minimum(tf.gather(room, rows), tf.gather(sizes, rows) - firsts)
    offset = tf.gather(tf.cast(ids.row_starts(), tf.int32), rows)
    chosen = tf.ragged.range(offset + firsts, offset + firsts + held)
    cut = tf.gather(ids.flat_values, chosen)
    if questions is None:
        inputs = preprocessor.pack(cut)
    else:
        inputs = preprocessor.pack(tf.gather(asked, rows), cut)
    place = tf.range(tf.shape(inputs[INPUT_WORD_IDS])[1])[None, :]
    place -= tf.gather(before, rows)[:, None]
    inside = (place >= 0) & (place < held[:, None])
    # Places without a piece look up one value more, behind the last piece.
    total = tf.size(ids.flat_values)
    flat = tf.where(inside, (offset + firsts)[:, None] + place, total)

    def looked_up(values):
        return tf.gather(tf.concat([values, [_NONE]], axis=0), flat)

    return Windows(
        inputs,
        rows,
        tf.where(inside, firsts[:, None] + place, _NONE),
        looked_up(starts.flat_values),
        looked_up(ends.flat_values),
        inside & _most_context(place, held[:, None], flat, total + 1),
    )


def _asked(questions, sizes, room: int, longest: int | None):
    """Returns what of the questions stands before windows, cut at the end."""
    if longest is not None:
        return questions[:, : min(longest, room // 2)]
    fitting = tf.cast(tf.maximum(room - sizes, room // 2), tf.int64)
    return trim(questions, tf.minimum(questions.row_lengths(), fitting))


def _most_context(place, held, piece, pieces) -> tf.Tensor:
    """Returns where a piece has the most context, bool [windows, length].

    A piece has as much as on its poorer side; of equals the window with more
    pieces wins, then the first (`_check_is_max_context` of original BERT).
    """
    score = 100 * tf.minimum(place, held - 1 - place) + held
    most = tf.math.unsorted_segment_max(score, piece, pieces)
    wins = tf.equal(score, tf.gather(most, piece))
    window = tf.range(tf.shape(piece)[0])[:, None] + tf.zeros_like(piece)
    first = tf.math.unsorted_segment_min(
        tf.where(wins, window, tf.int32.max), piece, pieces
    )
    return tf.equal(window, tf.gather(first, piece))


def windows_per_batch(windows: Windows) -> tf.Tensor:
    """Returns how many windows to compute at once, int32 []."""
    length = tf.shape(windows.starts)[1]
    return tf.maximum(_MIN_WINDOWS, _TOKENS_PER_BATCH // length)


def map_windows(
    function: Callable[[Windows], Mapping[str, tf.Tensor]],
    windows: Windows,
    specs: Mapping[str, tf.TensorSpec],
    *,
    batch_size: int | tf.Tensor = 32,
) -> dict[str, tf.Tensor]:
    """Applies a network to any number of windows, with memory for a few.

    Args:
        function: From some windows to tensors by name, whose first dimension
            may differ from part to part.
        windows: All of them.
        specs: What the function returns.
        batch_size: Windows in a part.

    Returns:
        The tensors of all parts, one after the other.
    """
    count = tf.shape(windows.text_indices)[0]
    parts = tf.maximum(1, (count + batch_size - 1) // batch_size)
    arrays = [
        tf.TensorArray(
            spec.dtype, parts, infer_shape=False, element_shape=spec.shape
        )
        for spec in specs.values()
    ]

    def step(i, arrays):
        part = windows.part(i * batch_size, (i + 1) * batch_size)
        results = function(part)
        return i + 1, [
            array.write(i, results[name])
            for name, array in zip(specs, arrays, strict=True)
        ]

    _, arrays = tf.while_loop(
        lambda i, _: i < parts, step, (0, arrays), parallel_iterations=1
    )
    return {
        name: array.concat() for name, array in zip(specs, arrays, strict=True)
    }
