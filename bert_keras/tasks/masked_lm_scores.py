"""How likely a network finds pieces that it does not see.

Two questions, one graph: of rows with some masks, how they are guessed; and of
a text, how likely each of its pieces is when all others are seen.
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
# Pieces shown on both sides of a mask.
_AROUND = 12
_ASKED = "[?]"


class MaskedScores:
    """Asks a network about masked places.

    Args:
        network: Packed ids and places in, logits [batch, masks, pieces] out.
        preprocessor: The one that belongs to it.
    """

    def __init__(self, network, preprocessor):
        self._preprocessor = preprocessor
        self._pieces = np.array(preprocessor.vocabulary.tokens, object)
        size = len(preprocessor.vocabulary)

        def ask(inputs, targets):
            logits = network(inputs, training=False, packed=True)
            log_probabilities = tf.nn.log_softmax(logits[:, :, :size])
            guesses = tf.argmax(log_probabilities, axis=2, output_type=tf.int32)
            return (
                tf.gather(
                    log_probabilities, tf.maximum(targets, 0), batch_dims=2
                ),
                guesses,
                tf.exp(tf.reduce_max(log_probabilities, axis=2)),
            )

        places = tf.TensorSpec([None, None], tf.int32)
        self._ask = tf.function(
            ask, input_signature=[masked_input_specs(), places]
        )

    def guess(self, data: BatchSource) -> dict[str, np.ndarray]:
        """Guesses the masks of rows, which are the same each time.

        Returns:
            Of each mask, [masks]: `tokens`, `guesses` and `texts` (what
            stands around it, itself as `[?]`), strings; `log_likelihoods` of
            the pieces and `scores`, the guesses' probabilities, float32.
        """
        random = np.random.default_rng(0)
        order = np.argsort(data.lengths, kind="stable")
        found = []
        for start in range(0, len(order), _BATCH_SIZE):
            chosen = order[start : start + _BATCH_SIZE]
            inputs, targets, _ = data.batch(chosen, random)
            log, guesses, scores = self._asked(inputs, targets)
            real = targets >= 0
            found.append(
                {
                    "tokens": self._pieces[targets[real]],
                    "guesses": self._pieces[guesses[real]],
                    "texts": self._around(inputs, real),
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
        asked = windows.is_max_context.numpy() & (ids != mask_id)
        window, place = np.nonzero(asked)
        text = windows.text_indices.numpy()[window]
        log = self._one_by_one(windows.inputs, window, place, mask_id)
        sums = np.bincount(text, log, len(texts)).tolist()
        counts = np.bincount(text, minlength=len(texts)).tolist()
        for total, count in zip(sums, counts, strict=True):
            yield {
                "log_likelihood": total,
                "perplexity": perplexity(total, count),
                "pieces": count,
            }

    def _one_by_one(self, inputs, window, place, mask_id) -> np.ndarray:
        """Returns the log-likelihood of single pieces, each masked alone."""
        inputs = {name: tensor.numpy() for name, tensor in inputs.items()}
        sizes = inputs[INPUT_MASK].sum(axis=1)
        order = np.argsort(sizes[window], kind="stable")
        found = np.zeros(len(window), np.float64)
        for start in range(0, len(order), _BATCH_SIZE):
            chosen = order[start : start + _BATCH_SIZE]
            rows, places = window[chosen], place[chosen, None]
            length = sizes[rows].max()
            batch = {n: x[rows, :length] for n, x in inputs.items()}
            targets = np.take_along_axis(batch[INPUT_WORD_IDS], places, axis=1)
            np.put_along_axis(batch[INPUT_WORD_IDS], places, mask_id, axis=1)
            batch[MASKED_LM_POSITIONS] = places.astype(np.int32)
            found[chosen] = self._asked(batch, targets)[0][:, 0]
        return found

    def _asked(self, inputs: dict, targets: np.ndarray) -> list[np.ndarray]:
        tensors = {name: tf.constant(x) for name, x in inputs.items()}
        return [x.numpy() for x in self._ask(tensors, tf.constant(targets))]

    def _around(self, inputs: dict, real: np.ndarray) -> np.ndarray:
        """Returns what stands around each mask, strings [masks]."""
        ids, places = inputs[INPUT_WORD_IDS], inputs[MASKED_LM_POSITIONS]
        ends = inputs[INPUT_MASK].sum(axis=1) - 1
        texts = []
        for row, mask in zip(*np.nonzero(real), strict=True):
            place = places[row, mask]
            start, end = max(1, place - _AROUND), place + _AROUND + 1
            pieces = self._pieces[ids[row, start : min(end, ends[row])]]
            pieces[place - start] = _ASKED
            texts.append(
                " ".join(pieces).replace(f" {CONTINUATION_PREFIX}", "")
            )
        return np.array(texts, object)
