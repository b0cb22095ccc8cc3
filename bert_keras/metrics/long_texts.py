"""What happened to texts longer than a sequence, in one sentence."""

LONG_TEXTS = "long_texts"


def long_texts_line(counts: dict) -> str:
    """Returns how many texts were truncated or read in windows.

    Args:
        counts: `long_texts` in the result of `evaluate`.

    Returns:
        A sentence; an empty string if every text fits into a sequence.

    Example:
        >>> counts = {"texts": 2000, "longer": 37, "truncated": 37,
        ...     "lost_tokens": 5310, "windows": "first", "max_length": 128}
        >>> print(long_texts_line(counts))
        37 of 2,000 texts are longer than 128 tokens and were truncated: \
5,310 tokens were not read. Try --windows mean.
    """
    if not counts.get("longer"):
        return ""
    are, were = ("is", "was") if counts["longer"] == 1 else ("are", "were")
    longer = (
        f"{counts['longer']:,} of {counts['texts']:,} texts {are} longer than "
        f"{counts['max_length']} tokens and {were} "
    )
    tokens = "token was" if counts["lost_tokens"] == 1 else "tokens were"
    lost = f"{counts['lost_tokens']:,} {tokens} not read."
    if counts["windows"] == "first":
        return f"{longer}truncated: {lost} Try --windows mean."
    line = (
        f"{longer}read in windows: {counts['sequences']:,} sequences for all "
        "texts."
    )
    if counts["truncated"]:
        were = "was" if counts["truncated"] == 1 else "were"
        line += f" Even so, {counts['truncated']:,} {were} truncated: {lost}"
    return line
