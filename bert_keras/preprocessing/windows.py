"""Long texts as sliding windows, in the graph.

A text that is too long for the encoder becomes several overlapping windows.
Each token is in one or more windows, and is scored in the one in which it has
the most context, as original BERT does.

    tokens      a b c d e f g h             window length 4, stride 2
    windows     a b c d
                    c d e f
                        e f g h
    max         a b c
    context           d e
                          f g h

Each window begins with the question, if there is one: [CLS] q q [SEP] c d e f
[SEP]. Otherwise it holds the text alone: [CLS] c d e f [SEP]. Only core
operations are used, so that old versions of TF Serving can run them.
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
    """Inputs for the encoder, and the token at each of their positions.

    A position without a token of the text (special tokens, the question,
    padding) has -1 in `token_indices`, `starts` and `ends`.

    Attributes:
        inputs: The encoder's inputs, each int32 [windows, length].
        text_indices: The text that each window belongs to, int32 [windows],
            ascending. Every text has at least one window, even an empty one.
        token_indices: Index of each token in its text, int32
            [windows, length].
        starts: First character of each token, int32 [windows, length].
        ends: The character after its last, int32 [windows, length].
        is_max_context: Where a token has the most context of all windows,
            bool [windows, length]: true once for each token of a text.
    """

    inputs: dict[str, tf.Tensor]
    text_indices: tf.Tensor
    token_indices: tf.Tensor
    starts: tf.Tensor
    ends: tf.Tensor
    is_max_context: tf.Tensor

    def part(self, start: tf.Tensor, end: tf.Tensor) -> "Windows":
        """Returns the windows from start to end, without excess padding.

        Args:
            start: First window, int32 [].
            end: The window after the last, int32 [].
        """
        sizes = tf.reduce_sum(self.inputs[INPUT_MASK][start:end], axis=1)
        # Without windows, the length is that of an empty text.
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
    """Splits texts into overlapping windows.

    Args:
        preprocessor: Tokenizes and packs; windows have its `max_length`.
        texts: Strings [batch], of any length.
        questions: Text to put before each window, strings [batch], or None.
        stride: Tokens from the start of one window to the start of the next.
        max_query_length: Tokens to which a question is truncated, but never
            more than half of what fits into a window. `None` truncates to this
            half, and only if the text needs the other.
        max_windows: Maximum number of windows per text; further ones are
            dropped. `None` keeps all.

    Returns:
        The windows in the order of the texts.

    Example:
        >>> from bert_keras.config import TokenizerConfig
        >>> from bert_keras.preprocessing import Tokenizer, Vocabulary
        >>> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdef"]
        >>> tokenizer = Tokenizer(Vocabulary(tokens), TokenizerConfig())
        >>> preprocessor = Preprocessor(tokenizer, max_length=6)
        >>> texts = tf.constant(["a b c d e f"])
        >>> windows = slide(preprocessor, texts, stride=2)
        >>> windows.token_indices.numpy().tolist()
        [[-1, 0, 1, 2, 3, -1], [-1, 2, 3, 4, 5, -1]]
        >>> windows.token_indices[windows.is_max_context].numpy()
        array([0, 1, 2, 3, 4, 5], dtype=int32)
    """
    ids, starts, ends = preprocessor.tokenize_with_offsets(texts)
    sizes = tf.cast(ids.row_lengths(), tf.int32)  # [batch]
    room = preprocessor.max_length - 2  # tokens of the text in a window
    before = tf.ones_like(sizes)  # positions before the text: [CLS]
    query = None
    if questions is not None:
        room -= 1
        query = _truncated(
            preprocessor.tokenize(questions), sizes, room, max_query_length
        )  # [batch, (tokens)]
        before = tf.cast(query.row_lengths(), tf.int32) + 2
        room = room + 2 - before
    room = tf.broadcast_to(room, tf.shape(sizes))  # [batch]
    # With an empty text, the question may leave no room at all.
    step = tf.maximum(1, tf.minimum(stride, room))  # [batch]
    more = tf.maximum(sizes - room, 0)  # [batch], tokens after window 0
    counts = (more + step - 1) // step + 1  # [batch]
    if max_windows is not None:
        counts = tf.minimum(counts, max_windows)
    number = tf.ragged.range(counts)  # [batch, (windows)]
    text = tf.cast(number.value_rowids(), tf.int32)  # [windows]
    first = number.flat_values * tf.gather(step, text)  # [windows]
    held = tf.gather(sizes, text) - first
    held = tf.minimum(tf.gather(room, text), held)  # [windows]
    # Where each window begins among the tokens of all texts: [windows].
    flat_first = tf.gather(tf.cast(ids.row_starts(), tf.int32), text) + first
    chosen = tf.ragged.range(flat_first, flat_first + held)
    tokens = tf.gather(ids.flat_values, chosen)  # [windows, (tokens)]
    if query is None:
        inputs = preprocessor.pack(tokens)
    else:
        inputs = preprocessor.pack(tf.gather(query, text), tokens)
    length = tf.shape(inputs[INPUT_WORD_IDS])[1]
    offset = tf.range(length)[None, :]  # [1, length]
    offset -= tf.gather(before, text)[:, None]  # [windows, length]
    inside = (offset >= 0) & (offset < held[:, None])  # [windows, length]
    # Positions without a token look up an extra value behind the last token.
    total = tf.size(ids.flat_values)
    flat = tf.where(inside, flat_first[:, None] + offset, total)

    def look_up(values):  # [tokens of all texts] -> [windows, length]
        return tf.gather(tf.concat([values, [_NONE]], axis=0), flat)

    return Windows(
        inputs,
        text,
        tf.where(inside, first[:, None] + offset, _NONE),
        look_up(starts.flat_values),
        look_up(ends.flat_values),
        inside & _is_max_context(offset, held[:, None], flat, total + 1),
    )


def _truncated(questions, sizes, room: int, max_query_length: int | None):
    """Truncates questions at the end, int32 [batch, (tokens)]."""
    if max_query_length is not None:
        return questions[:, : min(max_query_length, room // 2)]
    fitting = tf.cast(tf.maximum(room - sizes, room // 2), tf.int64)  # [batch]
    return trim(questions, tf.minimum(questions.row_lengths(), fitting))


def _is_max_context(offset, held, token, tokens) -> tf.Tensor:
    """Returns where a token has the most context, bool [windows, length].

    The context is the smaller number of tokens on either side, plus 1 % of the
    window's tokens; in case of a tie, the first window wins. Original BERT has
    the same rule in `_check_is_max_context`.

    Args:
        offset: Index of each position's token in its window, int32
            [windows, length].
        held: Tokens of the text in each window, int32 [windows, 1].
        token: Index of each token in the batch, int32 [windows, length].
        tokens: The number of these indices, int32 [].
    """
    score = 100 * tf.minimum(offset, held - 1 - offset) + held
    best = tf.math.unsorted_segment_max(score, token, tokens)  # [tokens]
    wins = tf.equal(score, tf.gather(best, token))  # [windows, length]
    window = tf.range(tf.shape(token)[0])[:, None] + tf.zeros_like(token)
    first = tf.math.unsorted_segment_min(
        tf.where(wins, window, tf.int32.max), token, tokens
    )  # [tokens]
    return tf.equal(window, tf.gather(first, token))


def windows_per_batch(windows: Windows) -> tf.Tensor:
    """Returns how many windows to compute at once, int32 [].

    Args:
        windows: All windows, padded to one length.
    """
    length = tf.shape(windows.starts)[1]
    return tf.maximum(_MIN_WINDOWS, _TOKENS_PER_BATCH // length)


def map_windows(
    function: Callable[[Windows], Mapping[str, tf.Tensor]],
    windows: Windows,
    specs: Mapping[str, tf.TensorSpec],
    *,
    batch_size: int | tf.Tensor = 32,
) -> dict[str, tf.Tensor]:
    """Applies a network to windows in batches, to limit the use of memory.

    Args:
        function: From a batch of windows to tensors by name, whose first
            dimension may differ from batch to batch.
        windows: All windows.
        specs: What the function returns.
        batch_size: Windows in a batch.

    Returns:
        The concatenated tensors of all batches, by name.
    """
    count = tf.shape(windows.text_indices)[0]
    batches = tf.maximum(1, (count + batch_size - 1) // batch_size)
    arrays = [
        tf.TensorArray(
            spec.dtype, batches, infer_shape=False, element_shape=spec.shape
        )
        for spec in specs.values()
    ]

    def step(i, arrays):
        results = function(windows.part(i * batch_size, (i + 1) * batch_size))
        return i + 1, [
            array.write(i, results[name])
            for name, array in zip(specs, arrays, strict=True)
        ]

    _, arrays = tf.while_loop(
        lambda i, _: i < batches, step, (0, arrays), parallel_iterations=1
    )
    return {
        name: array.concat() for name, array in zip(specs, arrays, strict=True)
    }
