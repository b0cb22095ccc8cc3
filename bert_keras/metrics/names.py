"""How the keys of metrics are displayed."""

_WORDS = {
    "f1": "F1",
    "mae": "MAE",
    "macro_f1": "macro F1",
    "masked_lm_loss": "masked LM loss",
    "matthews": "Matthews",
    "micro_f1": "micro F1",
    "mse": "MSE",
    "pearson": "Pearson",
    "r2": "R²",
    "spearman": "Spearman",
}


def words(name: str) -> str:
    """Returns the display name of a key; by default without underscores.

    Example:
        >>> words("macro_f1"), words("calibration_error")
        ('macro F1', 'calibration error')
    """
    return _WORDS.get(name, name.replace("_", " "))
