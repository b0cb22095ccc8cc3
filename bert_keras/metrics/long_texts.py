"""What became of texts that are longer than a row, in a sentence."""

LONG_TEXTS = "long_texts"


def long_texts_line(counts: dict) -> str:
    """Returns how many texts were cut or read by windows, as one sentence.

    Args:
        counts: What `evaluate` gives as `long_texts`.

    Returns:
        The sentence; empty if every text fits into a row.

    Example:
        >>> counts = {"texts": 2000, "longer": 37, "cut": 37,
        ...     "lost_pieces": 5310, "windows": "first", "max_length": 128}
        >>> print(long_texts_line(counts))
        37 of 2,000 texts are longer than 128 pieces and were cut: 5,310 \
pieces were not read. Try --windows mean.
    """
    if not counts.get("longer"):
        return ""
    are, were = ("is", "was") if counts["longer"] == 1 else ("are", "were")
    longer = (
        f"{counts['longer']:,} of {counts['texts']:,} texts {are} longer than "
        f"{counts['max_length']} pieces and {were} "
    )
    pieces = "piece was" if counts["lost_pieces"] == 1 else "pieces were"
    lost = f"{counts['lost_pieces']:,} {pieces} not read."
    if counts["windows"] == "first":
        return f"{longer}cut: {lost} Try --windows mean."
    line = f"{longer}read by windows, all texts in {counts['rows']:,} rows."
    if counts["cut"]:
        line += f" Of {counts['cut']:,} the rest was cut: {lost}"
    return line
