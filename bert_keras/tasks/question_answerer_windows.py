"""Questions and contexts as training windows, with positions of answers."""

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
    """Returns packed windows and the positions of the first answer in each.

    Args:
        examples: Examples with answers.
        preprocessor: Strings to ids.
        stride: Tokens from one window to the next.
        max_query_length: Maximum number of tokens of a question.

    Returns:
        A sequence for each window. Targets are int32 [windows, 2], the
        positions of the answer's first and last token; both 0, [CLS], where a
        window does not contain the whole answer.
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
        found = answer_positions(windows, answers)
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
            "%s: %s answers are longer than a window or contain no token; "
            "their questions are trained as if there were no answer.",
            examples.source,
            f"{lost:,}",
        )
    return TrainingData(
        flatten_sequences(batches),
        np.concatenate(targets),
        np.concatenate(weights) if weights else None,
    )


def answer_positions(
    windows: Windows, answers: Sequence[Sequence]
) -> np.ndarray:
    """Returns the positions of answers in windows, int32 [windows, 2].

    Args:
        windows: The windows of some contexts.
        answers: (text, start) of the answers of each context; only the first
            one counts.
    """
    firsts = [each[0] if each else ("", -1) for each in answers]
    begin = np.array([start for _, start in firsts])
    after = np.array([start + len(text) for text, start in firsts])
    texts = windows.text_indices.numpy()
    starts, ends = windows.starts.numpy(), windows.ends.numpy()
    tokens = windows.token_indices.numpy()
    inside = (
        (starts >= 0)
        & (starts < after[texts][:, None])
        & (ends > begin[texts][:, None])
    )
    far = np.iinfo(np.int32).max
    lowest = np.where(inside, tokens, far).min(axis=1)
    highest = np.where(inside, tokens, -1).max(axis=1)
    # A window has the whole answer if it has the answer's first and last token
    # of all windows.
    first = np.full(len(answers), far)
    last = np.full(len(answers), -1)
    np.minimum.at(first, texts, lowest)
    np.maximum.at(last, texts, highest)
    whole = (lowest == first[texts]) & (highest == last[texts])
    whole &= inside.any(axis=1)
    length = inside.shape[1]
    positions = np.stack(
        [inside.argmax(axis=1), length - 1 - inside[:, ::-1].argmax(axis=1)],
        axis=1,
    )
    return np.where(whole[:, None], positions, 0).astype(np.int32)
