"""How likely masked tokens are to a network.

One graph serves two purposes: to predict the masks of training sequences, and
to compute the probability of each token of a text given all others.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from bert_keras.contract import (
    CONTINUATION_PREFIX,
    INPUT_MASK,
    INPUT_WORD_IDS,
    MASKED_LM_POSITIONS,
)
from bert_keras.metrics import perplexity
from bert_keras.preprocessing import slide
from bert_keras.training import BatchSource, masked_input_specs

_BATCH_SIZE = 64
_TEXTS_AT_ONCE = 64
# Tokens shown on both sides of a mask.
_CONTEXT = 12
_SHOWN_MASK = "[?]"


class MaskedScores:
    """Scores masked tokens with a network.

    Args:
        network: Packed ids and masked positions in, logits [batch, masks,
            tokens] out.
        preprocessor: The one that belongs to it.
    """

    def __init__(self, network, preprocessor):
        self._preprocessor = preprocessor
        self._tokens = np.array(preprocessor.vocabulary.tokens, object)
        size = len(preprocessor.vocabulary)

        def compute(inputs, targets):
            logits = network(inputs, training=False, packed=True)
            log_probabilities = tf.nn.log_softmax(logits[:, :, :size])
            best = tf.argmax(log_probabilities, axis=2, output_type=tf.int32)
            return (
                tf.gather(
                    log_probabilities, tf.maximum(targets, 0), batch_dims=2
                ),
                best,
                tf.exp(tf.reduce_max(log_probabilities, axis=2)),
            )

        targets = tf.TensorSpec([None, None], tf.int32)
        self._graph = tf.function(
            compute, input_signature=[masked_input_specs(), targets]
        )

    def predict(self, data: BatchSource) -> dict[str, np.ndarray]:
        """Predicts the masks of sequences; masks are the same in each call.

        Returns:
            For each mask, [masks]: `tokens`, `guesses` and `texts` (its
            context, with `[?]` for the mask), strings; `log_likelihoods` of
            the tokens and `scores`, the guesses' probabilities, float32.
        """
        random = np.random.default_rng(0)
        order = np.argsort(data.lengths, kind="stable")
        found = []
        for start in range(0, len(order), _BATCH_SIZE):
            chosen = order[start : start + _BATCH_SIZE]
            inputs, targets, _ = data.batch(chosen, random)
            log, best, scores = self._compute(inputs, targets)
            real = targets >= 0
            found.append(
                {
                    "tokens": self._tokens[targets[real]],
                    "guesses": self._tokens[best[real]],
                    "texts": self._contexts(inputs, real),
                    "log_likelihoods": log[real],
                    "scores": scores[real],
                }
            )
        return {
            name: np.concatenate([part[name] for part in found])
            for name in found[0]
        }

    def score(self, texts: Sequence[str]) -> Iterator[dict]:
        """Yields how likely each text is; see `MaskedLanguageModel.score`."""
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            yield from self._score(texts[start : start + _TEXTS_AT_ONCE])

    def _score(self, texts: Sequence[str]) -> Iterator[dict]:
        stride = max(1, (self._preprocessor.max_length - 2) // 2)
        windows = slide(self._preprocessor, tf.constant(texts), stride=stride)
        ids = windows.inputs[INPUT_WORD_IDS].numpy()
        mask_id = self._preprocessor.vocabulary.mask_id
        is_scored = windows.is_max_context.numpy() & (ids != mask_id)
        window, position = np.nonzero(is_scored)
        text = windows.text_indices.numpy()[window]
        log = self._one_by_one(windows.inputs, window, position, mask_id)
        sums = np.bincount(text, log, len(texts)).tolist()
        counts = np.bincount(text, minlength=len(texts)).tolist()
        for total, count in zip(sums, counts, strict=True):
            yield {
                "log_likelihood": total,
                "perplexity": perplexity(total, count),
                "tokens": count,
            }

    def _one_by_one(self, inputs, window, position, mask_id) -> np.ndarray:
        """Returns the log-likelihoods of tokens, each masked alone."""
        inputs = {name: tensor.numpy() for name, tensor in inputs.items()}
        sizes = inputs[INPUT_MASK].sum(axis=1)
        order = np.argsort(sizes[window], kind="stable")
        found = np.zeros(len(window), np.float64)
        for start in range(0, len(order), _BATCH_SIZE):
            chosen = order[start : start + _BATCH_SIZE]
            windows, positions = window[chosen], position[chosen, None]
            length = sizes[windows].max()
            batch = {n: x[windows, :length] for n, x in inputs.items()}
            ids = batch[INPUT_WORD_IDS]
            targets = np.take_along_axis(ids, positions, axis=1)
            np.put_along_axis(ids, positions, mask_id, axis=1)
            batch[MASKED_LM_POSITIONS] = positions.astype(np.int32)
            found[chosen] = self._compute(batch, targets)[0][:, 0]
        return found

    def _compute(self, inputs: dict, targets: np.ndarray) -> list[np.ndarray]:
        tensors = {name: tf.constant(x) for name, x in inputs.items()}
        return [x.numpy() for x in self._graph(tensors, tf.constant(targets))]

    def _contexts(self, inputs: dict, real: np.ndarray) -> np.ndarray:
        """Returns the context of each mask, strings [masks]."""
        ids, positions = inputs[INPUT_WORD_IDS], inputs[MASKED_LM_POSITIONS]
        ends = inputs[INPUT_MASK].sum(axis=1) - 1
        texts = []
        for sequence, mask in zip(*np.nonzero(real), strict=True):
            position = positions[sequence, mask]
            start, end = max(1, position - _CONTEXT), position + _CONTEXT + 1
            end = min(end, ends[sequence])
            tokens = self._tokens[ids[sequence, start:end]]
            tokens[position - start] = _SHOWN_MASK
            texts.append(
                " ".join(tokens).replace(f" {CONTINUATION_PREFIX}", "")
            )
        return np.array(texts, object)
