"""Questions and contexts as windows to learn from: where answers stand."""

import logging
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from bert_keras.data import QuestionExamples
from bert_keras.preprocessing import Windows, slide
from bert_keras.training import TrainingData, flatten_sequences

logger = logging.getLogger(__name__)

_CHUNK = 256


def span_targets(
    examples: QuestionExamples,
    preprocessor,
    *,
    stride: int,
    max_query_length: int,
) -> TrainingData:
    """Returns packed windows and where the first answer stands in each.

    Args:
        examples: With answers.
        preprocessor: Strings to ids.
        stride: Of the windows.
        max_query_length: Pieces of a question at most.

    Returns:
        A row for each window. Targets are int32 [rows, 2], the places of the
        answer's first and last piece; both 0, [CLS], where a window does not
        hold the whole answer.
    """

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string)] * 2, autograph=False
    )
    def windows_of(contexts, questions):
        return slide(
            preprocessor,
            contexts,
            questions,
            stride=stride,
            max_query_length=max_query_length,
        )

    all_answers = examples.require_answers()
    batches, targets, weights, lost = [], [], [], 0
    for start in range(0, len(examples), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        windows = windows_of(
            tf.constant(examples.contexts[chunk], tf.string),
            tf.constant(examples.questions[chunk], tf.string),
        )
        answers = all_answers[chunk]
        found = places_of(windows, answers)
        held = np.zeros(len(answers), bool)
        contexts = windows.text_indices.numpy()
        held[contexts[found[:, 0] > 0]] = True
        lost += sum(bool(a) for a in answers) - int(held.sum())
        batches.append(windows.inputs)
        targets.append(found)
        if examples.weights is not None:
            weights.append(examples.weights[chunk][contexts])
    if lost:
        logger.warning(
            "%s: %s answers are longer than a window or hold no piece; their "
            "questions are learned as if there were no answer.",
            examples.source,
            f"{lost:,}",
        )
    return TrainingData(
        flatten_sequences(batches),
        np.concatenate(targets),
        np.concatenate(weights) if weights else None,
    )


def places_of(windows: Windows, answers: Sequence[Sequence]) -> np.ndarray:
    """Returns the places of answers, int32 [windows, 2].

    Args:
        windows: Of some contexts.
        answers: (text, start) of the answers of each context, of which the
            first counts.
    """
    firsts = [row[0] if row else ("", -1) for row in answers]
    begin = np.array([start for _, start in firsts])
    after = np.array([start + len(text) for text, start in firsts])
    rows = windows.text_indices.numpy()
    starts, ends = windows.starts.numpy(), windows.ends.numpy()
    pieces = windows.token_indices.numpy()
    inside = (
        (starts >= 0)
        & (starts < after[rows][:, None])
        & (ends > begin[rows][:, None])
    )
    far = np.iinfo(np.int32).max
    lowest = np.where(inside, pieces, far).min(axis=1)
    highest = np.where(inside, pieces, -1).max(axis=1)
    # Whole is an answer whose first and last piece, of all windows, are here.
    first = np.full(len(answers), far)
    last = np.full(len(answers), -1)
    np.minimum.at(first, rows, lowest)
    np.maximum.at(last, rows, highest)
    whole = (lowest == first[rows]) & (highest == last[rows])
    whole &= inside.any(axis=1)
    length = inside.shape[1]
    places = np.stack(
        [inside.argmax(axis=1), length - 1 - inside[:, ::-1].argmax(axis=1)],
        axis=1,
    )
    return np.where(whole[:, None], places, 0).astype(np.int32)
