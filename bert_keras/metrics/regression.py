"""Metrics of regression."""

import numpy as np

from bert_keras.metrics import checks


def regression_metrics(targets, predictions) -> dict[str, float]:
    """Compares predicted numbers with true ones.

    A correlation with a constant is undefined. It is reported as 0.0, "no
    relation", not as nan, which is not valid JSON and makes `best > previous`
    silently false. So is `r2` if the targets are constant, as those of a
    single example always are.

    Args:
        targets: True values, float [n].
        predictions: Predicted values, float [n], in the same unit.

    Returns:
        examples: `n`.
        pearson: Linear correlation, -1.0 to 1.0.
        spearman: Correlation of the ranks, -1.0 to 1.0.
        mse: Mean squared error, in the squared unit of the targets.
        mae: Mean absolute error, in the unit of the targets.
        r2: Share of the targets' variance that the predictions explain; below
            0.0 if the targets' mean would have been the better prediction.

    Raises:
        ValueError: If the lengths differ, there are no examples, or a value
            is not finite.

    Example:
        >>> regression_metrics([1.0, 2.0, 3.0], [1.0, 2.0, 5.0])["mae"]
        0.6666666666666666
    """
    from scipy.stats import pearsonr, spearmanr
    from sklearn.metrics import r2_score

    targets, predictions = checks.check_pairs(targets, predictions)
    errors = predictions - targets
    result = {
        "examples": len(targets),
        "pearson": 0.0,
        "spearman": 0.0,
        "mse": float(np.mean(errors**2)),
        "mae": float(np.mean(np.abs(errors))),
        "r2": 0.0,
    }
    if _varies(targets) and _varies(predictions):
        result["pearson"] = float(pearsonr(targets, predictions).statistic)
        result["spearman"] = float(spearmanr(targets, predictions).statistic)
    if _varies(targets):
        result["r2"] = float(r2_score(targets, predictions))
    return result


def _varies(values: np.ndarray) -> bool:
    # Ignores rounding errors, about which scipy would warn.
    return bool(np.ptp(values) > 1e-12 * np.abs(values).max())
