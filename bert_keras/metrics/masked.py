"""Metrics of a masked language model's predictions."""

import math
from collections.abc import Sequence

import numpy as np


def masked_metrics(
    tokens: Sequence[str], guesses: Sequence[str], log_likelihoods
) -> dict:
    """Evaluates the predictions of masked tokens.

    Args:
        tokens: The masked tokens.
        guesses: The best prediction for each.
        log_likelihoods: Natural logarithms of the masked tokens'
            probabilities, float [masks].

    Returns:
        masks: Number of masked tokens.
        accuracy: Share of correct predictions.
        masked_lm_loss: Mean negative log-likelihood of the masked tokens.
        perplexity: e to the power of `masked_lm_loss`.

    Example:
        >>> found = masked_metrics(["a", "b"], ["a", "c"], np.log([0.5, 0.125]))
        >>> found["accuracy"], round(found["perplexity"], 6)
        (0.5, 4.0)
    """
    loss = -float(np.mean(np.asarray(log_likelihoods, np.float64)))
    right = [a == b for a, b in zip(tokens, guesses, strict=True)]
    return {
        "masks": len(tokens),
        "accuracy": float(np.mean(right)),
        "masked_lm_loss": loss,
        "perplexity": perplexity(-loss, 1),
    }


def masked_mistakes(
    tokens: Sequence[str],
    guesses: Sequence[str],
    log_likelihoods,
    scores,
    texts: Sequence[str],
    *,
    limit: int = 100,
) -> list[dict]:
    """Returns the wrong predictions, the most confident first.

    Args:
        tokens: The masked tokens.
        guesses: The best prediction for each.
        log_likelihoods: Log-likelihoods of the masked tokens.
        scores: Probabilities of the predictions.
        texts: The text around each mask.
        limit: Maximum number of rows to return.

    Returns:
        Rows with `label` (the masked token), `predicted`, `score` (of the
        prediction), `label_score` (of the masked token) and `text`.
    """
    order = np.argsort(-np.asarray(scores), kind="stable")
    wrong = [n for n in order if tokens[n] != guesses[n]][:limit]
    return [
        {
            "label": tokens[n],
            "predicted": guesses[n],
            "score": float(scores[n]),
            "label_score": math.exp(log_likelihoods[n]),
            "text": texts[n],
        }
        for n in wrong
    ]


def perplexity(log_likelihood: float, tokens: int) -> float | None:
    """Returns e to the power of the mean negative log-likelihood.

    Args:
        log_likelihood: Natural logarithm of all tokens' joint probability.
        tokens: Number of tokens; without any the perplexity is `None`.

    Example:
        >>> round(perplexity(2 * math.log(0.25), 2), 6)
        4.0
    """
    if not tokens:
        return None
    # A larger exponent would overflow.
    return math.exp(min(700.0, -log_likelihood / tokens))
