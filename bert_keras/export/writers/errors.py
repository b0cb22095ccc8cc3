"""What a conversion can say no to."""


class ConversionError(ValueError):
    """Something that a format has no place for, or that was not kept."""
