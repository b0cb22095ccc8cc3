"""Ranges: what the numbers of a configuration may be."""

# Smallest and largest value of each number. The largest are far above those of
# any published encoder: more is a mistake, or a file that is to fill memory.
SIZE_RANGES = {
    "vocab_size": (1, 10_000_000),
    "hidden_size": (1, 65_536),
    "num_hidden_layers": (1, 1_000),
    "num_attention_heads": (1, 65_536),
    "intermediate_size": (1, 1_048_576),
    "max_position_embeddings": (1, 131_072),
    "type_vocab_size": (1, 65_536),
}
# Largest values of numbers above 0.
_POSITIVE = {"initializer_range": 10.0, "layer_norm_eps": 1.0}
# At 1, nothing would be left.
_PROBABILITIES = ("hidden_dropout_prob", "attention_probs_dropout_prob")


def check_integer(name: str, value, least: int, most: int) -> None:
    """Raises if a value is no integer, or out of range.

    Args:
        name: The field.
        value: Its value.
        least: The smallest that is allowed.
        most: The largest.

    Raises:
        ValueError: See above.
    """
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if not is_integer or not least <= value <= most:
        raise ValueError(
            f"Expected `{name}` to be an integer from {least:,} to {most:,}. "
            f"Received: {name}={value!r}"
        )


def check_numbers(config) -> None:
    """Raises if a number of a configuration is not finite, or out of range.

    Args:
        config: A `BertConfig` or `SavedModelConfig`.

    Raises:
        ValueError: See above.
    """
    for name in (*_POSITIVE, *_PROBABILITIES):
        if name not in vars(config):
            continue
        value = getattr(config, name)
        most = _POSITIVE.get(name, 1.0)
        in_range = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            # Comparisons with NaN are false.
            and (
                0 <= value < most
                if name in _PROBABILITIES
                else 0 < value <= most
            )
        )
        if not in_range:
            expected = (
                "at least 0 and less than 1"
                if name in _PROBABILITIES
                else f"greater than 0 and at most {most:g}"
            )
            raise ValueError(
                f"Expected `{name}` to be a number {expected}. "
                f"Received: {name}={value!r}"
            )
