"""How well masked pieces are guessed."""

import math
from collections.abc import Sequence

import numpy as np


def masked_metrics(
    pieces: Sequence[str], guesses: Sequence[str], log_likelihoods
) -> dict:
    """Returns the metrics of guesses.

    Args:
        pieces: What was masked.
        guesses: The best guess for each.
        log_likelihoods: Of the masked pieces, natural logarithms, float
            [masks].

    Returns:
        `masks`, how many there were; `accuracy`, the share that was guessed;
        `masked_lm_loss`, the mean negative logarithm of the pieces'
        probability; `perplexity`, e to the power of that.

    Example:
        >>> found = masked_metrics(["a", "b"], ["a", "c"], np.log([0.5, 0.125]))
        >>> found["accuracy"], round(found["perplexity"], 6)
        (0.5, 4.0)
    """
    loss = -float(np.mean(np.asarray(log_likelihoods, np.float64)))
    right = [a == b for a, b in zip(pieces, guesses, strict=True)]
    return {
        "masks": len(pieces),
        "accuracy": float(np.mean(right)),
        "masked_lm_loss": loss,
        "perplexity": perplexity(-loss, 1),
    }


def masked_mistakes(
    pieces: Sequence[str],
    guesses: Sequence[str],
    log_likelihoods,
    scores,
    texts: Sequence[str],
    *,
    limit: int = 100,
) -> list[dict]:
    """Returns the wrong guesses, the most confident first.

    Args:
        pieces: What was masked.
        guesses: The best guess for each.
        log_likelihoods: Of the masked pieces.
        scores: Probabilities of the guesses.
        texts: What stands around each mask.
        limit: Most rows to return.

    Returns:
        Rows with `label` (the masked piece), `predicted`, `score` (of the
        guess), `label_score` (of the masked piece) and `text`.
    """
    order = np.argsort(-np.asarray(scores), kind="stable")
    wrong = [n for n in order if pieces[n] != guesses[n]][:limit]
    return [
        {
            "label": pieces[n],
            "predicted": guesses[n],
            "score": float(scores[n]),
            "label_score": math.exp(log_likelihoods[n]),
            "text": texts[n],
        }
        for n in wrong
    ]


def perplexity(log_likelihood: float, pieces: int) -> float | None:
    """Returns among how many pieces the network hesitates, as it were.

    Args:
        log_likelihood: Of all pieces together, a natural logarithm.
        pieces: How many they are; the perplexity of none is `None`.

    Example:
        >>> round(perplexity(2 * math.log(0.25), 2), 6)
        4.0
    """
    if not pieces:
        return None
    # Beyond what a float holds only if every guess is hopeless.
    return math.exp(min(700.0, -log_likelihood / pieces))
