"""How texts that are longer than a sequence are read, as options."""

from bert_keras.contract import WINDOW_POOLINGS

TRUNCATE = "first"
WINDOWS = (TRUNCATE, *WINDOW_POOLINGS)


def check_long_text(
    windows: str, stride: int | None, max_windows: int | None
) -> None:
    """Raises unless these options are valid; see `LongText`.

    Raises:
        ValueError: If an option is out of its range.
    """
    if windows not in WINDOWS:
        raise ValueError(
            f"Expected `windows` to be one of {', '.join(WINDOWS)}. "
            f"Received: windows={windows!r}"
        )
    for name, value in (("stride", stride), ("max_windows", max_windows)):
        if value is None:
            continue
        if windows == TRUNCATE:
            raise ValueError(
                f"Expected no `{name}` where texts are truncated. Received: "
                f"{name}={value}. Choose how windows are pooled, such as "
                "windows='mean'."
            )
        if value < 1:
            raise ValueError(
                f"Expected `{name}` to be at least 1. Received: {name}={value}"
            )
