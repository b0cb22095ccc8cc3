"""Logits of starts and ends become answers, in the graph.

windows -> the best spans of each -> those of all windows of a text, the best
first, no answer twice -> the answer, or none
"""

import tensorflow as tf

from bert_keras import contract
from bert_keras.postprocessing.entities import extract_spans

# The score of what is no span.
_NEVER = -1e9
# Logits this close count as equal, so that of several spans the first in the
# text is taken, whatever batch they were computed in.
_EQUAL = 1e-3


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

    A span begins at a piece that has its most context in this window, as in
    original BERT, so no span is found in two windows.

    Args:
        logits: Of starts and ends, float32 [windows, length, 2].
        starts: First character of the piece at each place, -1 where there is
            none, int32 [windows, length].
        ends: The character after its last, the same.
        is_max_context: Where spans may begin, bool [windows, length].
        max_answer_length: Pieces of a span at most.
        top_k: How many spans are wanted.

    Returns:
        `scores` float32 and `starts` and `ends` int32, [windows, top_k], best
        first; a score of -1e9 or less is no span. `null_scores` float32
        [windows], the score of there being none.
    """
    begin = tf.where(is_max_context, logits[:, :, 0], _NEVER)
    finish = tf.where(starts >= 0, logits[:, :, 1], _NEVER)
    finish = tf.pad(
        finish, [[0, 0], [0, max_answer_length]], constant_values=_NEVER
    )
    windows, length = tf.unstack(tf.shape(starts))
    places = tf.range(length)[:, None] + tf.range(max_answer_length)
    scores = begin[:, :, None] + tf.gather(finish, places, axis=1)
    scores = tf.reshape(scores, [windows, length * max_answer_length])
    scores = tf.pad(scores, [[0, 0], [0, top_k]], constant_values=_NEVER)
    _, found = tf.math.top_k(tf.round(scores / _EQUAL), top_k)
    best = tf.gather(scores, found, batch_dims=1)
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
        top_k: Answers of each text at most.
        threshold: From 0 to 1: with a higher `no_answer_score` the answer is
            none. `None` always answers, if there is any text.

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
            texts: Strings [batch], from which answers are cut.
            text_indices: Which text each window is of, int32 [windows].
            scores: Of the spans of each window, float32 [windows, spans].
            starts: Their first characters, int32 [windows, spans].
            ends: The characters after their last, int32 [windows, spans].
            null_scores: Score of there being no answer, float32 [windows].

        Returns:
            `answers` string, `scores` float32, `starts` and `ends` int32, all
            [batch, top_k], best first, filled up with "", 0.0 and -1; a score
            is the probability among these and no answer. `no_answer_score`
            float32 [batch], how likely none is against the best answer.
            `answer`, `score`, `start` and `end` [batch]: the best one, or ""
            at -1 with the score of no answer.
        """
        batch = tf.shape(texts)[0]
        null_scores = tf.math.unsorted_segment_min(
            null_scores, text_indices, batch
        )
        real = scores > _NEVER / 2
        row = tf.boolean_mask(
            tf.zeros_like(starts) + text_indices[:, None], real
        )
        score, start, end = (
            tf.boolean_mask(x, real) for x in (scores, starts, ends)
        )
        text = extract_spans(texts, row, start, end)
        chosen, best = _without_doubles(row, text, score, start)
        places = (tf.gather(x, chosen) for x in (end, start))
        order = _sorted(
            *places, -tf.round(best / _EQUAL), tf.gather(row, chosen)
        )
        chosen, best = tf.gather(chosen, order), tf.gather(best, order)

        def table(values, fill):
            ragged = tf.RaggedTensor.from_value_rowids(
                values,
                tf.cast(tf.gather(row, chosen), tf.int64),
                nrows=tf.cast(batch, tf.int64),
                validate=False,
            )
            return ragged.to_tensor(fill, shape=[None, self._top_k])

        logits = table(best, _NEVER)
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
        """Adds the answer, which is the best one or none."""
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


def _sorted(*keys: tf.Tensor) -> tf.Tensor:
    """Returns the order by the last key, where equal by the one before ..."""
    order = tf.range(tf.size(keys[0]))
    for key in keys:
        order = tf.gather(order, tf.argsort(tf.gather(key, order), stable=True))
    return order


def _without_doubles(
    row: tf.Tensor, text: tf.Tensor, score: tf.Tensor, start: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns one span for each text of a row, and the text's best score.

    Of spans that are equally good, it is the first in the text.
    """
    names = tf.strings.join([tf.strings.as_string(row), text], separator=" ")
    unique, group = tf.unique(names)
    groups = tf.size(unique)
    best = tf.math.unsorted_segment_max(score, group, groups)
    good = score >= tf.gather(best, group) - _EQUAL

    def first(values, allowed):
        values = tf.where(allowed, values, tf.int32.max)
        return tf.math.unsorted_segment_min(values, group, groups)

    good &= tf.equal(start, tf.gather(first(start, good), group))
    return first(tf.range(tf.size(group)), good), best
