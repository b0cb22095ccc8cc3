"""From the logits of starts and ends to answers, in the graph.

windows -> the best spans of each window -> the best spans of each text, none
with the same answer -> the best answer, or no answer
"""

import tensorflow as tf

from bert_keras import contract
from bert_keras.postprocessing.entities import extract_spans

# The score of an impossible span.
_IMPOSSIBLE = -1e9
# Scores that differ by less count as equal. The first span in the text wins
# then, so rounding errors that depend on the batch cannot change the answer.
_TOLERANCE = 1e-3


def window_spans(
    logits: tf.Tensor,
    starts: tf.Tensor,
    ends: tf.Tensor,
    is_max_context: tf.Tensor,
    *,
    max_answer_length: int,
    top_k: int,
) -> dict[str, tf.Tensor]:
    """Finds the best spans of each window.

    A span begins at a token that has its maximum context in this window, as in
    original BERT, so no span is found in two windows.

    Args:
        logits: Logits of starts and ends, float32 [windows, length, 2].
        starts: First character of the token at each position, -1 without a
            token, int32 [windows, length].
        ends: The character after its last, int32 [windows, length].
        is_max_context: Where spans may begin, bool [windows, length].
        max_answer_length: Maximum number of tokens in a span.
        top_k: Number of spans to return.

    Returns:
        `scores` float32 and `starts` and `ends` int32, [windows, top_k], best
        first; a score of -1e9 or less means no span. `null_scores` float32
        [windows], the score of no answer.
    """
    begin = tf.where(is_max_context, logits[:, :, 0], _IMPOSSIBLE)
    finish = tf.where(starts >= 0, logits[:, :, 1], _IMPOSSIBLE)
    finish = tf.pad(
        finish, [[0, 0], [0, max_answer_length]], constant_values=_IMPOSSIBLE
    )
    windows, length = tf.unstack(tf.shape(starts))
    # Of a span that begins at each position, the possible last positions:
    # [length, max_answer_length].
    last = tf.range(length)[:, None] + tf.range(max_answer_length)
    # [windows, length, max_answer_length]
    scores = begin[:, :, None] + tf.gather(finish, last, axis=1)
    scores = tf.reshape(scores, [windows, length * max_answer_length])
    scores = tf.pad(scores, [[0, 0], [0, top_k]], constant_values=_IMPOSSIBLE)
    _, found = tf.math.top_k(tf.round(scores / _TOLERANCE), top_k)
    best = tf.gather(scores, found, batch_dims=1)  # [windows, top_k]
    first = found // max_answer_length
    last = tf.minimum(first + found % max_answer_length, length - 1)
    first = tf.minimum(first, length - 1)
    return {
        "scores": best,
        "starts": tf.gather(starts, first, batch_dims=1),
        "ends": tf.gather(ends, last, batch_dims=1),
        "null_scores": logits[:, 0, 0] + logits[:, 0, 1],
    }


class SpanDecoder(tf.Module):
    """Turns the best spans of windows into the answers of texts.

    Args:
        top_k: Maximum number of answers per text.
        threshold: From 0 to 1; if `no_answer_score` is higher, there is no
            answer. `None` always answers, unless the text is empty.

    Example:
        >>> found = SpanDecoder(top_k=2, threshold=0.5)(
        ...     tf.constant(["in New York"]),
        ...     text_indices=tf.constant([0]),
        ...     scores=tf.constant([[3.0, 1.0]]),
        ...     starts=tf.constant([[3, 0]]),
        ...     ends=tf.constant([[11, 11]]),
        ...     null_scores=tf.constant([0.0]),
        ... )
        >>> found["answers"].numpy().tolist()
        [[b'New York', b'in New York']]
        >>> found["start"].numpy().tolist(), found["end"].numpy().tolist()
        ([3], [11])
    """

    def __init__(self, *, top_k: int, threshold: float | None):
        super().__init__()
        self._top_k = top_k
        self._threshold = threshold

    def __call__(
        self,
        texts: tf.Tensor,
        *,
        text_indices: tf.Tensor,
        scores: tf.Tensor,
        starts: tf.Tensor,
        ends: tf.Tensor,
        null_scores: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Finds the answers.

        Args:
            texts: Strings [batch], which the answers are extracted from.
            text_indices: The text that each window belongs to, int32
                [windows].
            scores: Scores of each window's spans, float32 [windows, spans].
            starts: Their first characters, int32 [windows, spans].
            ends: The characters after their last, int32 [windows, spans].
            null_scores: Score of no answer, float32 [windows].

        Returns:
            `answers` string, `scores` float32, `starts` and `ends` int32, all
            [batch, top_k], best first, padded with "", 0.0 and -1; the scores
            are a softmax over these answers and no answer. `no_answer_score`
            float32 [batch], the probability of no answer as opposed to the
            best one. `answer`, `score`, `start` and `end` [batch]: the best
            answer, or "" at -1 with the score of no answer.
        """
        batch = tf.shape(texts)[0]
        null_scores = tf.math.unsorted_segment_min(
            null_scores, text_indices, batch
        )
        real = scores > _IMPOSSIBLE / 2  # [windows, spans]
        # From here on, all spans of the batch: [spans].
        index = tf.boolean_mask(
            tf.zeros_like(starts) + text_indices[:, None], real
        )
        score, start, end = (
            tf.boolean_mask(x, real) for x in (scores, starts, ends)
        )
        text = extract_spans(texts, index, start, end)
        chosen, best = _without_duplicates(index, text, score, start)
        offsets = (tf.gather(x, chosen) for x in (end, start))
        order = _lexsort(
            *offsets, -tf.round(best / _TOLERANCE), tf.gather(index, chosen)
        )
        chosen, best = tf.gather(chosen, order), tf.gather(best, order)

        def table(values, padding):  # [spans] -> [batch, top_k]
            ragged = tf.RaggedTensor.from_value_rowids(
                values,
                tf.cast(tf.gather(index, chosen), tf.int64),
                nrows=tf.cast(batch, tf.int64),
                validate=False,
            )
            return ragged.to_tensor(padding, shape=[None, self._top_k])

        logits = table(best, _IMPOSSIBLE)
        every = tf.concat([logits, null_scores[:, None]], axis=1)
        return self._decide(
            {
                contract.ANSWERS: table(tf.gather(text, chosen), ""),
                contract.SCORES: tf.nn.softmax(every)[:, :-1],
                contract.STARTS: table(tf.gather(start, chosen), -1),
                contract.ENDS: table(tf.gather(end, chosen), -1),
            },
            tf.sigmoid(null_scores - logits[:, 0]),
        )

    def _decide(self, found: dict, none: tf.Tensor) -> dict[str, tf.Tensor]:
        """Adds the answer: the best one, or none."""
        withheld = found[contract.STARTS][:, 0] < 0
        if self._threshold is not None:
            withheld |= none > self._threshold
        return found | {
            contract.ANSWER: tf.where(
                withheld, "", found[contract.ANSWERS][:, 0]
            ),
            contract.SCORE: tf.where(
                withheld, none, found[contract.SCORES][:, 0]
            ),
            contract.START: tf.where(
                withheld, -1, found[contract.STARTS][:, 0]
            ),
            contract.END: tf.where(withheld, -1, found[contract.ENDS][:, 0]),
            contract.NO_ANSWER_SCORE: none,
        }


def _lexsort(*keys: tf.Tensor) -> tf.Tensor:
    """Returns the order by the last key, then the one before it, and so on."""
    order = tf.range(tf.size(keys[0]))
    for key in keys:
        order = tf.gather(order, tf.argsort(tf.gather(key, order), stable=True))
    return order


def _without_duplicates(
    index: tf.Tensor, text: tf.Tensor, score: tf.Tensor, start: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Keeps the best of the spans with the same text.

    If several are equally good, the first one in the text is kept.

    Args:
        index: The text that each span belongs to, int32 [spans].
        text: The text of each span, string [spans].
        score: Its score, float32 [spans].
        start: Its first character, int32 [spans].

    Returns:
        Indices of the spans that are kept, int32 [kept], and the best score
        of all spans with their text, float32 [kept].
    """
    names = tf.strings.join([tf.strings.as_string(index), text], separator=" ")
    unique, group = tf.unique(names)
    groups = tf.size(unique)
    best = tf.math.unsorted_segment_max(score, group, groups)
    good = score >= tf.gather(best, group) - _TOLERANCE

    def first(values, allowed):
        values = tf.where(allowed, values, tf.int32.max)
        return tf.math.unsorted_segment_min(values, group, groups)

    good &= tf.equal(start, tf.gather(first(start, good), group))
    return first(tf.range(tf.size(group)), good), best
